# The command line of run and serve, and what it leaves in variables.

usage() {
  cat >&2 <<'U'
kvm-lab/run [OPTION]... -- COMMAND [ARG]...    one command in an L1 of its own, with a true /dev/kvm; exits as it does
kvm-lab/serve [OPTION]...                      one L1 for many commands; the protocol is in README.md
  What L1 sees, besides busybox and the programs tests need (always):
  --bare            without the three things of which --share speaks next: faster, for what needs no Java
  --share DIR[:AT]  DIR, read-only, as it was at the start, at the same path (or AT).  Shared anyway: this checkout; the JDK;
                    and, writable in L1, Javisor's guest cache of this user as /root/.cache/javisor
  --overlay DIR[:AT]  the same, and writable in L1; what is written there ends with L1
  --with PROG       PROG and its libraries in L1's /usr (qemu-system-x86_64 brings its firmware)
  --jdk DIR|none    instead of the JDK >= 25 of JAVA_HOME or else of /usr/lib/jvm
  --out DIR         what is left in $OUT (/out) in L1 is copied here at the end
  --disk FILE[:ID]  a raw image which outlives L1; in L1 /dev/lab/ID, /dev/disk/by-id/virtio-ID (disk0, disk1, ...)
  --cwd DIR, --env K=V   (the checkout; nothing)
  Power cut (run; serve has its CUT): QEMU gets SIGKILL, a --disk keeps every write up to its last FLUSH; exit code 137
  --cut-after S, --cut-on TEXT   S seconds after COMMAND starts; once TEXT is on its stdout
  --cut-keep SEED   of the later writes some survive, whole or torn: another lawful outcome for each SEED
  The machine
  --cpus N          1: on a busy machine two emulated CPUs stall each other
  --mem MiB         2048
  --timeout S       run: 600, COMMAND gets SIGQUIT 10 s (below 20: 5 s) before, exit code 124; serve: 3600
  --icount          L1's time is instructions executed: steady figures on a busy machine, about 3 x slower
  --kernel FILE     a bzImage or vmlinux for L1 instead of the Debian cloud kernel's (its modules must fit: the same version);
                    "bz": that kernel's bzImage
  --qemu-arg ARG    one more argument for QEMU
  --keep, -v        leave the run's directory; show L1's console
exit code: COMMAND's; 124 timeout; 137 power cut; 125 the lab itself failed
U
  [ $# = 0 ] || say "$*"
  exit 125
}

options() {
  cpus=1 mem=2048 limit= icount= kernel= keep= verbose= bare= jdk= out= cwd= cut_after= cut_on= cut_keep=lost
  shares=() overlays=() withs=() disks=() envs=() qemu_args=() command=()
  while [ $# -gt 0 ]; do
    case $1 in
      --bare) bare=1; shift; continue ;; --icount) icount=1; shift; continue ;; --keep) keep=1; shift; continue ;;
      -v) verbose=1; shift; continue ;;
      --) shift; command=("$@"); break ;;
      -h|--help) usage ;;
      *) [ $# -ge 2 ] || usage "what is $1?" ;;
    esac
    case $1 in
      --share) shares+=("$2") ;; --overlay) overlays+=("$2") ;; --with) withs+=("$2") ;; --disk) disks+=("$2") ;; --env) envs+=("$2") ;;
      --jdk) jdk=$2 ;; --out) out=$2 ;; --cwd) cwd=$2 ;; --cpus) cpus=$2 ;; --mem) mem=$2 ;; --timeout) limit=$2 ;;
      --cut-after) cut_after=$2 ;; --cut-on) cut_on=$2 ;; --cut-keep) cut_keep=$2 ;;
      --kernel) kernel=$2 ;; --qemu-arg) qemu_args+=("$2") ;;
      *) usage "what is $1?" ;;
    esac
    shift 2
  done
  limit=${limit:-${default_limit:-600}}
  [[ $cpus$mem$limit =~ ^[0-9]+$ ]] || usage "--cpus, --mem and --timeout are whole numbers"
  local pair; for pair in "${envs[@]}"; do [[ $pair =~ ^[A-Za-z_][A-Za-z0-9_]*= ]] || usage "--env $pair is no NAME=VALUE"; done
  if [ -z "$jdk" ]; then if [ -n "$bare" ]; then jdk=none; else find_jdk; fi; fi
  [ "$jdk" = none ] && jdk= || { [ -x "$jdk/bin/java" ] || die "no JDK at $jdk"; jdk=$(readlink -f "$jdk"); }
  if [ -z "$bare" ]; then
    shares+=("$checkout")
    local guests=${XDG_CACHE_HOME:-$HOME/.cache}/javisor
    [ ! -d "$guests" ] || overlays+=("$guests:/root/.cache/javisor")
  fi
  cwd=${cwd:-$([ -n "$bare" ] && echo / || echo "$checkout")}
}

find_jdk() { # the first JDK >= 25: JAVA_HOME, what the machine has installed, java in PATH
  local version java; java=$(type -P java || :)
  for jdk in ${JAVA_HOME:+"$JAVA_HOME"} /usr/lib/jvm/* ${java:+"$(dirname "$(dirname "$(readlink -f "$java")")")"}; do
    version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$jdk/release" 2>/dev/null) || :
    [ "${version:-0}" -ge 25 ] && [ -x "$jdk/bin/java" ] && return; done
  die "no JDK >= 25 in JAVA_HOME or /usr/lib/jvm: --jdk DIR, or --jdk none"
}
