# In L1: ROUNDS boots each of Javisor and of QEMU's microvm (bzImage and vmlinux), interleaved, to the READY of the same init.
# Both are watched in the same way: a line in a pipe, and the kernel's own trace, whose clock all the stamps are of.
#   boot.sh ROUNDS [plain]
set -u
rounds=$1
guests=/root/.cache/javisor/guest      # the built-in guest that `run` takes: the newest of its kernel package
guest=$(dirname "$(ls -t "$guests/micro/$(cat $guests/packages/linux-image-cloud-amd64.stands-for)"_*/release | head -1)")
cmdline='console=ttyS0 panic=-1 quiet cryptomgr.notests'
trace=/sys/kernel/tracing
mount -t tracefs tracefs $trace 2>/dev/null
echo mono >$trace/trace_clock
work=$(mktemp -d); mkfifo "$work/out" "$work/hold"

# The emulator keeps what it translated of a guest that is gone until somebody writes to those pages, who then waits for its
# removal, a third of a second: so that neither contender does, free memory is written before each start, but for what the kernel
# would rather take from its page cache than give.
forget() {
  local free; free=$(sed -n 's/^MemFree: *\([0-9]*\) kB/\1/p' /proc/meminfo)
  dd if=/dev/zero of=/dev/null bs=$((free - 196608))K count=1 iflag=fullblock 2>/dev/null || echo "BOOT free memory not written"
}
if [ "${2:-}" = plain ]; then
  forget() { :; }
  echo 2 >/proc/sys/kernel/randomize_va_space # as without the lab's norandmaps
fi

arm() { # the first entry of a guest is noted and ends the tracing, until READY
  echo 0 >$trace/events/kvm/kvm_entry/enable
  echo '!traceoff:1' >$trace/events/kvm/kvm_entry/trigger 2>/dev/null
  echo 'traceoff:1' >$trace/events/kvm/kvm_entry/trigger
  echo >$trace/trace
  echo 1 >$trace/tracing_on
  echo 1 >$trace/events/kvm/kvm_entry/enable
  echo START >$trace/trace_marker
}
stamp() { sed -n "s/^.* \([0-9]*\.[0-9]*\): .*$1.*/\1/p" $trace/trace | head -1; }
result() { # result NAME: start to first entry, first entry to READY, start to READY, in ms
  echo "$1 $(stamp START) $(stamp kvm_entry) $(stamp READY)" |
    awk '{ printf "BOOT %s entry %.0f guest %.0f ready %.0f\n", $1, ($3 - $2) * 1e3, ($4 - $3) * 1e3, ($4 - $2) * 1e3 }'
}
until_line() { # until_line PATTERN: reads the pipe up to it
  local line
  while read -t 120 -r line; do case $line in $1) echo 1 >$trace/tracing_on; echo READY >$trace/trace_marker; return;; esac; done <&5
  echo "BOOT lost"; return 1
}

ours() {
  forget
  arm
  ./javisor run -v --log-file "$work/javisor.log" -- true 2>"$work/out" >/dev/null </dev/null & pid=$!
  exec 5<"$work/out"
  until_line '*timing*ready=*' && result javisor
  cat <&5 >/dev/null; exec 5<&-
  wait $pid || echo "BOOT javisor exit code $?"
}
theirs() { # theirs NAME KERNEL
  exec 6<>"$work/hold"
  forget
  arm
  qemu-system-x86_64 -M microvm,pcie=on,rtc=on -accel kvm -cpu host -smp 1 -m 512M -nodefaults -no-user-config -nographic -no-reboot \
    -kernel "$2" -initrd "$guest/initramfs" -append "$cmdline" -serial "file:$work/$1.log" \
    -object rng-random,id=rng,filename=/dev/urandom \
    -device virtio-serial-pci -device virtio-rng-pci,rng=rng \
    -chardev null,id=console -device virtconsole,chardev=console \
    -chardev stdio,id=control,signal=off -device virtserialport,chardev=control,name=javisor.control \
    -chardev null,id=in -device virtserialport,chardev=in,name=javisor.stdin \
    -chardev null,id=out -device virtserialport,chardev=out,name=javisor.stdout \
    -chardev null,id=err -device virtserialport,chardev=err,name=javisor.stderr \
    <&6 >"$work/out" 2>"$work/$1.err" & pid=$!
  exec 5<"$work/out"
  until_line 'READY*' && result "$1" || cat "$work/$1.err" "$work/$1.log"
  kill -9 $pid; wait $pid 2>/dev/null; exec 5<&- 6<&-
}

# Not counted: the probe of KVM is cached, files are read; the heads of the kernel logs show what was booted.
append=$cmdline; cmdline="$cmdline ignore_loglevel"
./javisor run --cmdline ignore_loglevel --log-file "$work/javisor.log" -- true </dev/null
theirs qemu-vmlinux "$guest/vmlinux" >/dev/null
cmdline=$append
for who in javisor qemu-vmlinux; do
  echo "== dmesg of $who"; tr -d '\r' <"$work/$who.log" | grep -vE 'BIOS-e820|\[mem ' | head -${DMESG_LINES:-14}
done
for round in $(seq "$rounds"); do
  ours; theirs qemu-bzimage "$guest/vmlinuz"; theirs qemu-vmlinux "$guest/vmlinux"
done
