/* The same calls from C: calls kvm|here; prints "call best median", in ns. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <errno.h>

static int kvm, vcpu, event;
static volatile struct kvm_run *run;
static volatile long sink;
static long long one = 1;

static void must(int ok, const char *what) { if (!ok) { perror(what); exit(1); } }
static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1e9 + t.tv_nsec; }

static long version(void) { return syscall(SYS_ioctl, kvm, KVM_GET_API_VERSION, 0); }
static long immediate(void) {
  run->immediate_exit = 1;
  long r = syscall(SYS_ioctl, vcpu, KVM_RUN, 0);
  run->immediate_exit = 0;
  return r == -1 ? -errno : r;
}
static long port_exit(void) {
  long r = syscall(SYS_ioctl, vcpu, KVM_RUN, 0);
  must(r == 0 && run->exit_reason == KVM_EXIT_IO, "KVM_RUN");
  return run->io.direction + run->io.port + run->io.size * run->io.count
    + *((volatile unsigned char *)run + run->io.data_offset);
}
static long getparent(void) { return syscall(SYS_getppid, 0, 0, 0, 0, 0, 0); }
static long event_write(void) { return syscall(SYS_write, event, &one, 8, 0, 0, 0); }
static long bad_ioctl(void) { long r = syscall(SYS_ioctl, event, 0x541B, &one, 0, 0, 0); return r == -1 ? -errno : r; }

/* Stretches of about 4 ms, as many as the JMH run has. */
#define STRETCHES 150
static int order(const void *a, const void *b) { double d = *(double *)a - *(double *)b; return d < 0 ? -1 : d > 0; }
static void measure(const char *name, long (*call)(void)) {
  double times[STRETCHES];
  long rounds = 10;
  for (int warm = 0; warm < 30; warm++) {
    double start = now();
    for (long i = 0; i < rounds; i++) sink = call();
    if (now() - start > 4e6) break;
    rounds *= 2;
  }
  for (int s = 0; s < STRETCHES; s++) {
    double start = now();
    for (long i = 0; i < rounds; i++) sink = call();
    times[s] = (now() - start) / rounds;
  }
  qsort(times, STRETCHES, sizeof *times, order);
  printf("%s %.1f %.1f\n", name, times[0], times[STRETCHES / 2]);
}

static void open_kvm(void) {
  kvm = open("/dev/kvm", O_RDWR);
  must(kvm >= 0, "/dev/kvm");
  int vm = ioctl(kvm, KVM_CREATE_VM, 0);
  ioctl(vm, KVM_SET_TSS_ADDR, 0xFFFBD000L);
  must(ioctl(vm, KVM_CREATE_IRQCHIP, 0) == 0, "irqchip");
  unsigned char *ram = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memcpy(ram, "\xE6\x10\xEB\xFC", 4);
  struct kvm_userspace_memory_region slot = {0, 0, 0, 4096, (unsigned long)ram};
  must(ioctl(vm, KVM_SET_USER_MEMORY_REGION, &slot) == 0, "memory");
  vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
  run = mmap(0, ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
  unsigned long mine, kick = 1UL << 41;      /* signal 42, blocked but inside KVM_RUN */
  syscall(SYS_rt_sigprocmask, SIG_BLOCK, &kick, &mine, 8);
  struct { unsigned len; unsigned char set[8]; } mask = {8, {0}};
  memcpy(mask.set, &mine, 8);
  must(ioctl(vcpu, _IOW(KVMIO, 0x8b, struct kvm_signal_mask), &mask) == 0, "mask");
  struct kvm_sregs system;
  ioctl(vcpu, KVM_GET_SREGS, &system);
  system.cs.base = system.cs.selector = 0;
  ioctl(vcpu, KVM_SET_SREGS, &system);
  struct kvm_regs general = {.rip = 0, .rflags = 2};
  ioctl(vcpu, KVM_SET_REGS, &general);
}

int main(int argc, char **argv) {
  event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (argc > 1 && !strcmp(argv[1], "kvm")) {
    open_kvm();
    measure("version", version);
    measure("immediate", immediate);
    measure("exit", port_exit);
  } else {
    measure("getppid", getparent);
    measure("eventfd", event_write);
    measure("ioctl", bad_ioctl);
  }
  return 0;
}
