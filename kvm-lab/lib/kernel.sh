# L1's kernel and initramfs.  The Debian cloud kernel comes out of its .deb (no root); vmlinux comes out of its bzImage, since
# QEMU's PVH boot of a vmlinux does without firmware and decompression, both slow under emulation.

kernel_package() { # KERNEL.deb, from the package client; with private lists where the machine has none
  local name options=() depends
  depends() { apt-cache "${options[@]}" depends linux-image-cloud-amd64 2>/dev/null | sed -n 's/ *Depends: \(linux-image-.*-cloud-amd64\)/\1/p' | head -1; }
  name=$(depends)
  if [ -z "$name" ]; then
    mkdir -p "$cache/apt/lists/partial" "$cache/apt/archives/partial"
    options=(-o Dir::State="$cache/apt" -o Dir::State::status=/dev/null -o Dir::Cache="$cache/apt")
    apt-get "${options[@]}" -q update >&2; name=$(depends)
  fi
  [ -n "$name" ] || die "the package client knows no linux-image-cloud-amd64; give its file: KVM_LAB_DEB=FILE.deb"
  (cd "$cache" && rm -f linux-image-*.deb && apt-get "${options[@]}" -q download "$name" >&2) || die "cannot download $name"
}

# In this order each finds what it needs: virtio_ring before virtio, llc before stp before bridge.  Without the first row no lab.
modules_needed="virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci virtio_blk virtio_console irqbypass kvm kvm-amd"
modules_wanted="tun dummy veth llc stp bridge overlay loop"

l1_kernel() { # sets kernel_dir, with vmlinux, bz and modules/
  kernel_dir=$cache/kernel-$( (echo v1 "$modules_needed $modules_wanted"; [ -z "${KVM_LAB_DEB:-}" ] || stat -Lc '%n %s %Y' "$KVM_LAB_DEB") | digest)
  [ ! -e "$kernel_dir/ok" ] || return 0
  local deb=${KVM_LAB_DEB:-} tree=$cache/kernel.tree module file order= directory
  rm -rf "$kernel_dir" "$tree"; mkdir -p "$kernel_dir/modules"
  if [ -z "$deb" ]; then
    compgen -G "$cache/linux-image-*.deb" >/dev/null || kernel_package
    deb=$(ls "$cache"/linux-image-*.deb | head -1)
  fi
  dpkg-deb -x "$deb" "$tree" || die "cannot unpack $deb; remove it and try again"
  cp "$tree"/boot/vmlinuz-* "$kernel_dir/bz"
  unpack_bzimage "$kernel_dir/bz" "$kernel_dir/vmlinux"
  directory=$(echo "$tree"/lib/modules/*/kernel)
  for module in $modules_needed $modules_wanted; do
    file=$(find "$directory" -name "$module.ko*" | head -1)
    if [ -z "$file" ]; then
      case " $modules_needed " in *" $module "*) die "no module $module in $deb" ;; *) say "no module $module in $deb"; continue ;; esac; fi
    case $file in *.xz) xz -dc "$file" >"$kernel_dir/modules/$module.ko" ;; *) cp "$file" "$kernel_dir/modules/" ;; esac
    strip -g "$kernel_dir/modules/$module.ko" 2>/dev/null || :      # drops the signature too: verifying it costs L1 0.3 s
    order+="$module "
  done
  echo "$order" >"$kernel_dir/modules/order"
  rm -rf "$tree"; : >"$kernel_dir/ok"
}

unpack_bzimage() { # unpack_bzimage BZIMAGE VMLINUX: the payload which the setup header (x86 boot protocol) points at
  local sectors offset length unpack= payload=$2.payload
  field() { od -An -t"$1" -j"$2" -N"${1#u}" "$3" | tr -d ' '; }
  sectors=$(field u1 497 "$1")
  offset=$(( (sectors + 1) * 512 + $(field u4 584 "$1") )) length=$(field u4 588 "$1")
  tail -c +$((offset + 1)) "$1" | head -c "$length" >"$payload" || :
  case $(od -An -tx1 -N4 "$payload" | tr -d ' ') in 02214c18) unpack=lz4 ;; fd377a58) unpack=xz ;; 28b52ffd) unpack=zstd ;; 1f8b*) unpack=gzip ;; esac
  # The unpackers complain of the four bytes of length at the end: what counts is the ELF that came out.
  if [ -n "$unpack" ] && type -P "$unpack" >/dev/null; then "$unpack" -dc <"$payload" >"$2" 2>/dev/null || :; fi
  [ "$(head -c4 "$2" 2>/dev/null | tr -d '\177\0')" = ELF ] || { say "no ${unpack:-program} to unpack the kernel: L1 boots its bzImage, slower"; cp "$1" "$2"; }
  rm -f "$payload"
}

l1_initramfs() { # sets initramfs: busybox, the modules, l1-init; uncompressed, so that there is nothing to unpack under emulation
  local tree busybox applet; busybox=$(type -P busybox)
  initramfs=$cache/initramfs-$( (echo v1; cat "$lab/l1-init" "$lab/lib/kernel.sh"; stat -Lc '%s %Y' "$kernel_dir/ok" "$busybox") | digest)
  [ ! -e "$initramfs" ] || return 0
  tree=$(mktemp -d "$cache/new.XXXX"); chmod 755 "$tree"
  mkdir -p "$tree"/{bin,m,proc,sys,dev,out,tmp,usr,root,etc,run}
  cp "$busybox" "$tree/bin/busybox"; cp "$kernel_dir"/modules/* "$tree/m/"; cp "$lab/l1-init" "$tree/init"; chmod +x "$tree/init"
  for applet in lib lib64 sbin; do ln -s "usr/$applet" "$tree/$applet"; done
  for applet in $("$busybox" --list); do [ -e "$tree/bin/$applet" ] || ln -s busybox "$tree/bin/$applet"; done
  printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n' >"$tree/etc/passwd"
  printf 'root:x:0:\ntty:x:5:\nkvm:x:104:\nnogroup:x:65534:nobody\n' >"$tree/etc/group"
  echo '127.0.0.1 localhost kvm-lab' >"$tree/etc/hosts"; echo 'nameserver 10.0.2.3' >"$tree/etc/resolv.conf"
  ln -s /proc/mounts "$tree/etc/mtab"       # mke2fs and e2fsck look here before they touch a device
  (cd "$tree" && find . | busybox cpio -o -H newc 2>/dev/null) >"$initramfs.new"; mv "$initramfs.new" "$initramfs"; rm -rf "$tree"
  forget initramfs 3
}
