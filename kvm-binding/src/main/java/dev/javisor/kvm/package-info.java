/// Linux KVM as an engine (api.rst, SPECS.md): one class per kind of descriptor, methods named
/// after the ioctls they make. A machine's own calls may come from any thread; a vCPU belongs to
/// the thread that made it, except for its kick. Nothing here knows a device or an image.
@NullMarked
package dev.javisor.kvm;

import org.jspecify.annotations.NullMarked;
