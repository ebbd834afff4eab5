@NullMarked
package dev.javisor.devices.legacy;

import org.jspecify.annotations.NullMarked;
