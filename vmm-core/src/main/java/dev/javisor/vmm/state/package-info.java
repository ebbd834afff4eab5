/// How the state of a machine becomes bytes and a machine again. Each part writes one record of
/// type, instance, version, length and fields, little-endian. A record is hostile input when it is
/// read: lengths are checked before they are believed. Called by one thread while the machine
/// rests.
@NullMarked
package dev.javisor.vmm.state;

import org.jspecify.annotations.NullMarked;
