/// Stand-ins for the machine around a device: wires that record, a clock that is set, an engine
/// without a processor. They implement vmm-core's interfaces exactly and keep what they were told;
/// tests on any thread ask them.
@NullMarked
package dev.javisor.testkit.fake;

import org.jspecify.annotations.NullMarked;
