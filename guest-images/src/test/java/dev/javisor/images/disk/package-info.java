/// Tests of disk images.
@NullMarked
package dev.javisor.images.disk;

import org.jspecify.annotations.NullMarked;
