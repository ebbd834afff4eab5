/* The VM of SecondVm.java from C, call by call: what of its time is the kernel's.  Prints as that does, in ms. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { MACHINES = 20, RAM = 0x80000 };
static int kvm, mapping;
static struct { struct kvm_cpuid2 head; struct kvm_cpuid_entry2 entries[256]; } cpuid;
static struct kvm_sregs system_registers;

static void must(int ok, const char *what) { if (!ok) { perror(what); exit(1); } }
static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1e3 + t.tv_nsec / 1e6; }
static int order(const void *a, const void *b) { double d = *(double *)a - *(double *)b; return d < 0 ? -1 : d > 0; }

struct machine { int vm, vcpu; struct kvm_run *run; unsigned char *ram; };

static void make(struct machine *m) {
  m->ram = mmap(0, RAM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  m->vm = ioctl(kvm, KVM_CREATE_VM, 0);
  must(m->vm >= 0, "KVM_CREATE_VM");
  unsigned long long identity = 0xFFFBC000;
  struct kvm_pit_config pit = {.flags = KVM_PIT_SPEAKER_DUMMY};
  struct kvm_userspace_memory_region slot = {0, 0, 0, RAM, (unsigned long)m->ram};
  ioctl(m->vm, KVM_SET_TSS_ADDR, 0xFFFBD000L);
  ioctl(m->vm, KVM_SET_IDENTITY_MAP_ADDR, &identity);
  must(ioctl(m->vm, KVM_SET_USER_MEMORY_REGION, &slot) == 0, "KVM_SET_USER_MEMORY_REGION");
  must(ioctl(m->vm, KVM_CREATE_IRQCHIP, 0) == 0, "KVM_CREATE_IRQCHIP");
  must(ioctl(m->vm, KVM_CREATE_PIT2, &pit) == 0, "KVM_CREATE_PIT2");
  m->vcpu = ioctl(m->vm, KVM_CREATE_VCPU, 0);
  m->run = mmap(0, mapping, PROT_READ | PROT_WRITE, MAP_SHARED, m->vcpu, 0);
  must(m->run != MAP_FAILED, "mmap");
  unsigned long mine, kick = 1UL << 41;
  syscall(SYS_rt_sigprocmask, SIG_BLOCK, &kick, &mine, 8);
  struct { unsigned len; unsigned char set[8]; } mask = {8, {0}};
  memcpy(mask.set, &mine, 8);
  must(ioctl(m->vcpu, _IOW(KVMIO, 0x8b, struct kvm_signal_mask), &mask) == 0, "KVM_SET_SIGNAL_MASK");

  must(ioctl(m->vcpu, KVM_SET_CPUID2, &cpuid) == 0, "KVM_SET_CPUID2");
  struct { struct kvm_msrs head; struct kvm_msr_entry entries[3]; } firmware = {{3, 0}, {{0x1A0, 0, 1}, {0x2FF, 0, 0x806}, {0xC0010015, 0, 1 << 24}}};
  if (ioctl(m->vcpu, KVM_SET_MSRS, &firmware) < 3) must(ioctl(m->vcpu, KVM_SET_CPUID2, &cpuid) == 0, "KVM_SET_CPUID2");
  struct kvm_lapic_state apic;
  ioctl(m->vcpu, KVM_GET_LAPIC, &apic);
  must(ioctl(m->vcpu, KVM_SET_LAPIC, &apic) == 0, "KVM_SET_LAPIC");

  memcpy(m->ram + 0x1000, "\xE6\x10\xEB\xFC", 4); /* again: out 0x10, al; jmp again */
  struct kvm_regs general = {.rip = 0x1000, .rflags = 2};
  if (system_registers.cr0 == 0) { /* the first VM: what a reset leaves, but for CS */
    must(ioctl(m->vcpu, KVM_GET_SREGS, &system_registers) == 0, "KVM_GET_SREGS");
    system_registers.cs.base = system_registers.cs.selector = 0;
  }
  must(ioctl(m->vcpu, KVM_SET_REGS, &general) == 0, "KVM_SET_REGS");
  must(ioctl(m->vcpu, KVM_SET_SREGS, &system_registers) == 0, "KVM_SET_SREGS");
  must(ioctl(m->vcpu, KVM_RUN, 0) == 0 && m->run->exit_reason == KVM_EXIT_IO && m->run->io.port == 0x10, "KVM_RUN");
}

int main(void) {
  double times[MACHINES], first, second;
  kvm = open("/dev/kvm", O_RDWR);
  must(kvm >= 0, "/dev/kvm");
  mapping = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
  cpuid.head.nent = 256;
  must(ioctl(kvm, KVM_GET_SUPPORTED_CPUID, &cpuid) == 0, "KVM_GET_SUPPORTED_CPUID");
  for (int i = 0; i < MACHINES; i++) {
    struct machine m;
    double start = now();
    make(&m);
    times[i] = now() - start;
    munmap(m.run, mapping); close(m.vcpu); close(m.vm); munmap(m.ram, RAM);
  }
  first = times[0]; second = times[1];
  qsort(times, MACHINES, sizeof *times, order);
  printf("FROM_C first %.1f second %.1f median %.1f best %.1f\n", first, second, times[MACHINES / 2], times[0]);
  return 0;
}
