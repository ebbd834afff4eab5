/// Programs that tests run inside L1, where `/dev/kvm` is: they use Javisor as a library, as any
/// Java program may. What they print is judged outside.
@NullMarked
package dev.javisor.lab.inside;

import org.jspecify.annotations.NullMarked;
