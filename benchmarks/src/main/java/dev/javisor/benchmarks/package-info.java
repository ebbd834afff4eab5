/// What the binding costs: the same kernel calls through FFM, JNA and C, in one run. The C text is
/// in the resources and compiled when it is measured. JMH's threads call.
@NullMarked
package dev.javisor.benchmarks;

import org.jspecify.annotations.NullMarked;
