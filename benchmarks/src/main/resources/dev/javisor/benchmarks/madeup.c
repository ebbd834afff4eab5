/* A KVM that answers at once: what of another VM is ours, where no /dev/kvm is.  It stands where the kernel's calls go from
   (MadeUpKvm.java), makes one true system call for each that KVM would have got, and passes on all others. */
#define _GNU_SOURCE
#include <cpuid.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <sys/mman.h>
#include <sys/syscall.h>

enum { MSRS = 100, XSAVE_BYTES = 4096, MAPPING_BYTES = 12288, PORT_DATA = 4096, LEAVES = 30, EXTENDED_LEAVES = 10 };
static struct kvm_run *run;

static long raw(long number, long a, long b, long c, long d, long e, long f) {
  register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
  __asm__ volatile("syscall" : "+a"(number) : "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
  return number;
}
static long descriptor(void) { return raw(SYS_eventfd2, 0, 0, 0, 0, 0, 0); }

static long supported(struct kvm_cpuid2 *cpuid) {
  cpuid->nent = LEAVES + EXTENDED_LEAVES;
  for (unsigned i = 0; i < cpuid->nent; i++) {
    struct kvm_cpuid_entry2 *e = cpuid->entries + i;
    e->function = i < LEAVES ? i : 0x80000000 + i - LEAVES;
    __cpuid_count(e->function, 0, e->eax, e->ebx, e->ecx, e->edx);
  }
  return 0;
}
static long index_list(struct kvm_msr_list *list) {
  unsigned room = list->nmsrs;
  list->nmsrs = MSRS;
  if (room < MSRS) return -7; /* E2BIG */
  for (unsigned i = 0; i < MSRS; i++) list->indices[i] = 0x200 + i;
  return 0;
}
static long port_exit(void) {
  run->exit_reason = KVM_EXIT_IO;
  run->io.direction = KVM_EXIT_IO_OUT;
  run->io.size = run->io.count = 1;
  run->io.port = 0x10;
  run->io.data_offset = PORT_DATA;
  return 0;
}
static long kvm(unsigned request, long argument) {
  raw(SYS_getpid, 0, 0, 0, 0, 0, 0);
  switch (request) {
    case KVM_GET_API_VERSION: return KVM_API_VERSION;
    case KVM_CREATE_VM: case KVM_CREATE_VCPU: return descriptor();
    case KVM_CHECK_EXTENSION: return argument == KVM_CAP_XSAVE2 ? XSAVE_BYTES : 1;
    case KVM_GET_VCPU_MMAP_SIZE: return MAPPING_BYTES;
    case KVM_GET_SUPPORTED_CPUID: return supported((struct kvm_cpuid2 *)argument);
    case KVM_GET_MSR_INDEX_LIST: return index_list((struct kvm_msr_list *)argument);
    case KVM_GET_MSRS: case KVM_SET_MSRS: return ((struct kvm_msrs *)argument)->nmsrs;
    case KVM_RUN: return port_exit();
    default: return 0;
  }
}

long made_up(long number, long a, long b, long c, long d, long e, long f) {
  if (number == SYS_openat) return descriptor(); /* the only file that the benchmark opens */
  if (number == SYS_ioctl && _IOC_TYPE(b) == KVMIO) return kvm(b, c);
  if (number == SYS_mmap && (d & MAP_SHARED)) { /* a vCPU's page */
    run = (struct kvm_run *)raw(number, a, b, c, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return (long)run;
  }
  return raw(number, a, b, c, d, e, f);
}
