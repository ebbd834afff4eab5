/// What the software engine tells JDK Flight Recorder. The classes are used where it happens; while
/// nobody records them they cost a look at a flag.
@NullMarked
package dev.javisor.x86.event;

import org.jspecify.annotations.NullMarked;
