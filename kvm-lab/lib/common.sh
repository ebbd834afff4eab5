# What every part needs: saying why it fails, the cache and its lock, the directory of this run and its end.

say() { echo "kvm-lab: $*" >&2; }
die() { say "$*"; exit 125; }
digest() { sha256sum | cut -c1-16; }
quoted() { printf "'%s'" "${1//\'/\'\\\'\'}"; }   # for a POSIX shell

PATH=$PATH:/usr/sbin:/sbin                          # e2fsprogs and iproute2, for users whose PATH lacks them
cache=${KVM_LAB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kvm-lab}
qemu=${KVM_LAB_QEMU:-qemu-system-x86_64}
checkout=$(dirname "$lab")

host_needs() {
  local program missing=()
  for program in "$qemu" mke2fs debugfs busybox timeout setpriv flock tar dpkg-deb ${cut:+/usr/bin/python3}; do
    type -P "$program" >/dev/null || missing+=("$program"); done
  [ ${#missing[@]} = 0 ] || die "needs ${missing[*]}: install qemu-system-x86 e2fsprogs busybox-static lz4 iproute2 (and python3 for a power cut)"
}

# One process at a time fills the cache.  The lock is descriptor 9; it must not stay open in QEMU.
cache_lock() { mkdir -p "$cache"; exec 9>"$cache/lock"; flock 9; }
cache_unlock() { exec 9>&-; }

# $run is this run's directory, gone at the end.  Its lock file is open in every process of the run: who gets the lock knows that
# nobody is left, and sweeps up after a lab which was killed.
run_directory() {
  local old
  cache_lock                                        # nobody sweeps between our mktemp and our flock
  for old in "${TMPDIR:-/tmp}"/kvm-lab.*/; do
    [ -O "$old" ] && [ -e "$old/lock" ] && [ ! -e "$old/keep" ] && flock -n "$old/lock" rm -rf "$old"; done || :
  run=$(mktemp -d "${TMPDIR:-/tmp}/kvm-lab.XXXXXX")
  exec {run_lock}>"$run/lock"; flock "$run_lock"
  cache_unlock
  [ -z "$keep" ] || : >"$run/keep"
  q= pump= helpers=(); trap run_end EXIT; trap 'exit 130' INT; trap 'exit 143' TERM HUP
  mkdir -p "$run/scratch/.lab"
  mkfifo "$run/never"; exec {never}<>"$run/never"
}
nap() { read -rt "$1" -u "$never" || :; }         # sleep without a process
run_end() {
  local rc=$?
  trap - EXIT; trap '' INT TERM HUP
  [ -z "$q" ] || { kill "$q" 2>/dev/null; wait "$q" 2>/dev/null; } || :
  [ -z "$pump${helpers[*]}" ] || kill $pump "${helpers[@]}" 2>/dev/null || :
  if [ -n "$keep" ]; then say "kept $run"; else rm -rf "$run"; fi
  exit "$rc"
}
