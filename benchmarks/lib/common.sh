# What the benchmark commands share; sourced, with `home` the checkout.
say() { echo "${0##*/}: $*" >&2; }
die() { say "$*"; exit 125; }

# The flags of ./javisor: the bars are about what a person starts.
product_flags=(@"$home/cli/src/main/jvm/common.args" @"$home/cli/src/main/jvm/kvm.args")

find_jdk() { # sets JAVA_HOME to a JDK of 25 or newer
  local d v
  for d in "${JAVA_HOME:-}" /usr/lib/jvm/*; do
    v=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$d/release" 2>/dev/null) || :
    [ "${v:-0}" -ge 25 ] && [ -x "$d/bin/javac" ] && { export JAVA_HOME=$d; return; }
  done
  die "needs a JDK of 25 or newer; name one with JAVA_HOME=/path/to/jdk"
}

in_lab() { [ "${KVM_LAB:-}" = 1 ]; }
opens_kvm() { [ -c /dev/kvm ] && (: <>/dev/kvm) 2>/dev/null; } # emulating or not; <> would make a file of a missing one
has_kvm() { "$home/javisor" doctor --format json 2>/dev/null | grep -q '"engine" *: *"kvm"'; } # on hardware, that is

built() { # benchmarks/target/{classes,lib} and the C programs, as new as their sources
  [ -f "$home/benchmarks/target/built" ] &&
    [ -z "$(find "$home"/pom.xml "$home"/{vmm-core,host-linux,kvm-binding,devices,guest-images,x86-cpu,x86-native,cli,testkit,benchmarks}/{pom.xml,src/main} \
      -newer "$home/benchmarks/target/built" -print -quit 2>/dev/null)" ]
}
build() {
  local program
  ! built || return 0
  say "building"
  mvn -B -q -f "$home/pom.xml" -Dquick -DskipTests -Dspotless.check.skip -pl benchmarks -am package >"$home/benchmarks/build.log" 2>&1 </dev/null ||
    { grep ERROR "$home/benchmarks/build.log" | head >&2; die "the build failed: benchmarks/build.log"; }
  mv "$home/benchmarks/build.log" "$home/benchmarks/target/"
  # Static: the lab has no libraries beyond its own.
  for program in calls second; do
    gcc -O2 -static -o "$home/benchmarks/target/$program" "$home/benchmarks/src/main/resources/dev/javisor/benchmarks/$program.c" || die "gcc"
  done
  gcc -O2 -shared -fPIC -o "$home/benchmarks/target/madeup.so" "$home/benchmarks/src/main/resources/dev/javisor/benchmarks/madeup.c" || die "gcc"
  : >"$home/benchmarks/target/built"
}

product() { # ./javisor built, its AOT cache made, the built-in guest in the cache: any run puts it there
  "$home/javisor" run --accel software -- true </dev/null || die "./javisor does not run"
  JAVISOR_TRAIN=now JAVISOR_ENGINE=kvm "$home/javisor" --version >/dev/null
  [ -f "$home/cli/target/launch/javisor.aot" ] || die "no AOT cache was made"
}

median() { sort -n | awk '{ v[NR] = $1 } END { if (NR) printf "%s", NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
spread() { sort -n | awk '{ v[NR] = $1 } END { if (NR) printf "%s..%s", v[1], v[NR] }'; }

second_vm() { # another VM in the JVM, in turns with a C program that makes the same calls; in the checkout, built
  local round
  for round in 1 2 3; do benchmarks/target/second; our_second; done
}
our_second() { # our_second [LIBRARY]: with KVM's part made up
  "$JAVA_HOME/bin/java" "${product_flags[@]}" -cp 'benchmarks/target/classes:benchmarks/target/lib/*' dev.javisor.benchmarks.SecondVm "$@"
}
