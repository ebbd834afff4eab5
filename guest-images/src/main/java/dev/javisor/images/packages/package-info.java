/// The distribution's packages: fetched through the host's own package client, which knows where
/// they are and checks that they are genuine, and read in Java (deb(5), format 2.0). Works without
/// root and without package lists, in a cache directory the caller names; a package that is in the
/// cache costs no call of the client. Any thread and any number of processes may fetch at once.
@NullMarked
package dev.javisor.images.packages;

import org.jspecify.annotations.NullMarked;
