/// Several processors on one memory: what other processors may see of one's loads, stores, locked
/// accesses and changed code (SDM 3A, 9.1 to 9.3). Payloads run on the whole engine, each vCPU on a
/// thread of its own.
@NullMarked
package dev.javisor.x86.smp;

import org.jspecify.annotations.NullMarked;
