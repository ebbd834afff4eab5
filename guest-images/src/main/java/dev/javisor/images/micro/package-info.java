/// The micro guest: a stock Debian cloud kernel and an initramfs of busybox, a few modules and an
/// init of ash, which speaks the guest protocol (its lines are in the resource `session`) over
/// virtio-console ports. Built from packages into a cache once; whoever starts a machine calls.
@NullMarked
package dev.javisor.images.micro;

import org.jspecify.annotations.NullMarked;
