@NullMarked
package dev.javisor.devices.acpi;

import org.jspecify.annotations.NullMarked;
