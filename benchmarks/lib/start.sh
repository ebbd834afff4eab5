# In L1: the steps to the first KVM_RUN, another VM in the JVM, memory and exits.   start.sh ROUNDS
set -u
rounds=$1
work=$(mktemp -d)
./javisor run -- true </dev/null   # fills the caches
for round in $(seq "$rounds"); do ./javisor run -v -- true 2>&1 >/dev/null </dev/null | grep 'timing'; done
home=$PWD; . benchmarks/lib/common.sh
second_vm

# Ten seconds after the guest is up, with net, disk and console attached.
truncate -s 64M "$work/disk.img"
ip tuntap add dev bench0 mode tap && ip link set bench0 up
tail -f /dev/null | ./javisor run --disk "$work/disk.img" --network tap=bench0 --trace exits -- sh -c 'echo up; cat' >"$work/out" 2>"$work/err" & pipeline=$!
tries=0; until grep -q up "$work/out" || [ $((tries++)) -gt 600 ]; do sleep .1; done
sleep 10
pid=; for line in /proc/[0-9]*/cmdline; do # there is no pgrep in L1
  case $(tr '\0' ' ' <"$line" 2>/dev/null) in *dev.javisor.cli.Javisor*bench0*) pid=${line//[!0-9]/};; esac
done
[ -n "$pid" ] || { echo "start.sh: no javisor runs: $(cat "$work/err")" >&2; exit 1; }
awk -v ram=500000 -f benchmarks/lib/memory.awk /proc/$pid/smaps
kill -TERM $pid
tries=0; while [ -d /proc/$pid ] && [ $((tries++)) -lt 100 ]; do sleep .1; done
./javisor run --trace exits -- true 2>&1 >/dev/null </dev/null | sed 's/^/EXITS /'
