@NullMarked
package dev.javisor.devices.board;

import org.jspecify.annotations.NullMarked;
