@NullMarked
package dev.javisor.devices.pci;

import org.jspecify.annotations.NullMarked;
