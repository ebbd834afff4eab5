# L1 itself: its disks, its boot in QEMU, its end.

drives=() disk_count=0
letters=({a..z})

drive() { # drive OPTIONS [,DEVICE-OPTIONS]: the next of vda, vdb, ...
  [ "$disk_count" -lt 26 ] || die "more than 26 disks"
  drives+=(-drive "if=none,id=d$disk_count,$1" -device "virtio-blk-pci,drive=d$disk_count${2:-}"); disk_count=$((disk_count + 1))
}
mounted() { # mounted IMAGE AT VERB: VERB, ro or over, is for l1-init
  echo "$3 vd${letters[disk_count]} $(quoted "$2")" >>"$run/scratch/.lab/conf"
  drive "file=${1//,/,,},format=raw,readonly=on,file.locking=off"
}

l1_images() { # everything that is cached: kernel, initramfs, /usr, JDK, shares
  local share dir
  : >"$run/scratch/.lab/conf"
  cache_lock
  l1_kernel; l1_initramfs
  drive "file=$run/out.img,format=raw,cache=unsafe"
  usr_image; mounted "$usr_img" /usr ro
  [ -z "$jdk" ] || { tree_image "$jdk" "${skip_jdk[@]}"; mounted "$tree_img" "$jdk" ro; }
  for share in "${shares[@]}"; do share_of "$share" ro; done
  for share in "${overlays[@]}"; do share_of "$share" over; done
  cache_unlock
}
share_of() {
  local dir; dir=$(readlink -f "${1%%:*}") && [ -d "$dir" ] || die "no directory ${1%%:*}"
  case $1 in *:*) set -- "${1#*:}" "$2" ;; *) set -- "$dir" "$2" ;; esac
  if [ "$dir" = "$checkout" ]; then tree_image "$dir" "${skip_checkout[@]}"; else tree_image "$dir"; fi
  mounted "$tree_img" "$1" "$2"
}

# A --disk has cache=writeback: L1 sees a volatile write cache (the host's pages), its FLUSH becomes fdatasync here; cache=none
# promises no more and fails on a tmpfs.  SIGKILL takes no page from the host, so a run with a power cut works on a copy, has QEMU
# log writes and flushes in order, and powercut replays the log on FILE up to the last flush.
l1_disks() {
  local spec file id
  disk_files=() disk_ids=()
  for spec in "${disks[@]}"; do
    file=$spec id=disk${#disk_ids[@]}
    [ -e "$file" ] || { file=${spec%:*} id=${spec##*:}; }
    [ -f "$file" ] && [ -w "$file" ] || die "no writable image $file"
    [[ $id =~ ^[A-Za-z0-9._-]{1,20}$ ]] || die "disk ID '$id': up to 20 of A-Z a-z 0-9 . _ -"
    exec {disk_lock}<"$file"; flock -n "$disk_lock" || die "$file is in use"
    disk_files+=("$file") disk_ids+=("$id")
    echo "disk vd${letters[disk_count]} $id" >>"$run/scratch/.lab/conf"
    if [ -z "$cut" ]; then drive "file=${file//,/,,},format=raw,cache=writeback" ",serial=$id"; continue; fi
    cp --reflink=auto --sparse=always "$file" "$run/disk-$id"; : >"$run/log-$id"
    # No write-zeroes, no discard: QEMU before its commit a9c8ea9547 (January 2024) garbles the log there.
    drive "driver=blklogwrites,file.driver=file,file.filename=$run/disk-$id,log.driver=file,log.filename=$run/log-$id,log-sector-size=512,cache=writeback" \
      ",serial=$id,discard=off,write-zeroes=off"
  done
}

# Boots L1 in the background: $q is what to wait for, $run/pid holds QEMU's own process id.  Port 1, the file $run/control, is L1's
# word to us; the caller's array ports has the others.  QEMU dies with `timeout`, and that with us (PR_SET_PDEATHSIG).
l1_boot() {
  local pair image accelerator append
  { echo 'export PATH=/usr/bin:/usr/sbin:/bin'
    [ -z "$jdk" ] || { echo "export JAVA_HOME=$(quoted "$jdk")"; echo 'PATH=$JAVA_HOME/bin:$PATH'; }
    for pair in "${envs[@]}"; do echo "export ${pair%%=*}=$(quoted "${pair#*=}")"; done
  } >"$run/scratch/.lab/env"
  mke2fs $ext4 -d "$run/scratch" "$run/out.img" 4G >/dev/null || die "cannot make the scratch disk in $run"
  case $kernel in '') image=$kernel_dir/vmlinux ;; bz) image=$kernel_dir/bz ;; *) image=$kernel; [ -r "$image" ] || die "no kernel $image" ;; esac
  # The emulator keeps its translation of a program by virtual address: with randomized ones (norandmaps) it translates bash, the
  # JVM, QEMU anew at each start.
  append="console=ttyS0 quiet panic=-1 reboot=t tsc=reliable no_timer_check mitigations=off nokaslr norandmaps cryptomgr.notests ipv6.disable=1 nowatchdog audit=0 apparmor=0"
  accelerator=(-accel tcg,thread=multi,tb-size=2000)
  [ -z "$icount" ] || accelerator=(-accel tcg,thread=single,tb-size=2000 -icount shift=0,sleep=off)
  nudges
  setpriv --pdeathsig KILL timeout --foreground -k 5 "$limit" setpriv --pdeathsig KILL \
    "$qemu" -nodefaults -no-user-config -nographic -no-reboot -M q35,smbus=off,sata=off,usb=off,vmport=off "${accelerator[@]}" \
      -cpu EPYC,+svm,+npt,-rdseed,-sha-ni,-fxsr-opt,-misalignsse,-3dnowprefetch,-osvw,-topoext,-nrip-save,-xsavec,model-id=KVM-lab \
      -smp "$cpus" -m "$mem" -kernel "$image" -initrd "$initramfs" -append "$append" -serial "file:$run/console" \
      -device virtio-serial-pci -chardev "file,id=control,path=$run/control" -device virtserialport,chardev=control,nr=1 \
      "${ports[@]}" "${nudge_port[@]}" -pidfile "$run/pid" "${drives[@]}" "${qemu_args[@]}" </dev/null >"$run/qemu.log" 2>&1 &
  q=$!
}

# QEMU 7.2 changes `interrupt_request` without its lock at each exit of an L2 (do_vmexit in svm_helper.c; newer ones call
# cpu_reset_interrupt there).  So now and then an interrupt which its main loop raises at that moment is lost, L1 sleeps on, and a
# one-shot timer does not come again.  The next interrupt, whichever, has it look at its local APIC once more: so there is one every
# fifth of a second, a byte on port 5, which a `cat` takes.  With --icount timers run in the processor's own thread, and only the
# disks' interrupts can be lost: one in two seconds disturbs no figure.
nudges() {
  local every=.2; [ -z "$icount" ] || every=2
  mkfifo "$run/nudge.in" "$run/nudge.out"
  nudge_port=(-chardev "pipe,id=nudge,path=${run//,/,,}/nudge" -device virtserialport,chardev=nudge,nr=5)
  ( exec 9>"$run/nudge.in"; while nap "$every"; do echo >&9; done ) 2>/dev/null 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- & helpers+=($!)
}

l1_wait() { # sets qemu_rc: 0, L1 powered off; 124 or 137, killed
  [ -n "$q" ] || return 0
  qemu_rc=0; { wait "$q" || qemu_rc=$?; } 2>/dev/null
  q=; [ ${#helpers[@]} = 0 ] || kill "${helpers[@]}" 2>/dev/null || :; helpers=()
}

l1_replay_disks() { # l1_replay_disks all|lost|SEED: what the logs say, into FILEs; one line each
  local i id said
  [ -n "$cut" ] || return 0
  for i in "${!disk_ids[@]}"; do
    id=${disk_ids[i]}; [ -s "$run/log-$id" ] || continue
    said=$("$lab/powercut" replay "$run/log-$id" "${disk_files[i]}" "$1") || die "replay of $id: $said"
    echo "disk $id: $said"
  done
}

l1_copy_out() {
  if [ -n "$out" ]; then
    mkdir -p "$out" "$run/copy"; debugfs -R "rdump / $run/copy" "$run/out.img" >/dev/null 2>&1 || :
    rm -rf "$run/copy/.lab" "$run/copy/lost+found"; cp -r "$run/copy/." "$out/"
  fi
  [ -z "$verbose" ] || { echo "--- L1's console"; cat "$run/console"; echo "--- QEMU"; cat "$run/qemu.log"; } >&2
}

l1_exit() { # ends with the command's exit code, or says why there is none
  local rc
  rc=$(sed -n 's/^rc //p' "$run/control" 2>/dev/null) || :
  [ "$qemu_rc" != 137 ] || [ ! -e "$run/cut" ] || { say "power cut"; exit 137; }
  [ -z "$cut" ] || [ -z "$rc" ] || say "the command ended before the power cut"
  [ -z "$rc" ] || exit "$rc"
  if [ "$qemu_rc" = 124 ] || [ "$qemu_rc" = 137 ]; then say "no end within $limit s"; tail -c 2000 "$run/console" >&2; exit 124; fi
  l1_dead; exit 125
}
l1_dead() { say "L1 ended without a word (QEMU: $qemu_rc); its last output:"; tail -c 3000 "$run/qemu.log" >&2; tail -c 4000 "$run/console" >&2; }
