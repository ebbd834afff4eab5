/// Tests under a true `/dev/kvm`: inside the KVM lab (kvm-lab/README.md) and, where this machine
/// has one, right here. JUnit runs on the host; what is tested runs on a [Host], which tests take
/// as a parameter, one for each class. One thread.
@NullMarked
package dev.javisor.lab;

import org.jspecify.annotations.NullMarked;
