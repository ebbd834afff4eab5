/// The rows for themselves.
@NullMarked
package dev.javisor.x86.table;

import org.jspecify.annotations.NullMarked;
