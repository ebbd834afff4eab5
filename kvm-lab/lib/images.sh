# Directories of the host become read-only ext4 images (the cloud kernel has no 9p), made by mke2fs -d without root, and cached by
# what is in them.

ext4="-q -t ext4 -O ^has_journal,^resize_inode,^metadata_csum -E lazy_itable_init=1,root_owner=0:0 -m 0"

image() { # image TREE FILE; mtimes are kept: a JVM holds them against its AOT cache
  local kib count
  kib=$(du -sk --apparent-size "$1" | cut -f1) count=$(find "$1" | wc -l)
  kib=$((kib + kib / 16 + count * 5 + 2048))
  # mke2fs rounds the number of inodes down to a multiple of 8 in each group of 8 MiB or more.
  mke2fs $ext4 -N $((count + 64 + kib / 1024)) -d "$1" "$2.new" "${kib}k" >/dev/null || { rm -rf "$1" "$2.new"; die "mke2fs -d $1"; }
  debugfs -w -R "rmdir lost+found" "$2.new" >/dev/null 2>&1 || :     # a share has what the directory has
  mv "$2.new" "$2"
}

forget() { # forget PREFIX COUNT: of the cached files of that name only the COUNT last used stay (a running QEMU has its own open)
  local file
  ls -t "$cache/$1"-* 2>/dev/null | tail -n +$(($2 + 1)) | while read -r file; do rm -rf "$file"; done
}

# What tree_image leaves out, as patterns of find -path: from this checkout, and from a JDK, what nothing in L1 reads.
skip_checkout=(./.git ./.idea ./.vscode '*/target/*-reports' '*/target/maven-*' '*/target/generated-*' '*/target/reports' '*/target/site'
               '*/target/apidocs' '*/target/lab-logs' '*/__pycache__')
skip_jdk=(./lib/src.zip ./jmods ./legal ./man)

tree_image() { # tree_image DIR [SKIP...]: sets tree_img to the image of what DIR has now; the key is all names, modes, sizes, mtimes
  local dir=$1 name prune=() list=$run/list tree; shift
  for name; do prune+=(-o -path "$name"); done
  (cd "$dir" && find . \( -false "${prune[@]}" \) -prune -o -type d -printf '%P\td%m\n' -o \( -type f -o -type l \) -printf '%P\t%y%m %s %T@ %l\n' 2>/dev/null |
    LC_ALL=C sort) >"$list" || :
  name=tree-$(basename "$dir" | tr -c 'A-Za-z0-9\n' _)-$(printf '%s\n' "$dir" | digest)
  tree_img=$cache/$name-$( (echo v1; cat "$list") | digest).ext4
  if [ -e "$tree_img" ]; then touch "$tree_img"; return; fi
  tree=$(mktemp -d "$cache/new.XXXX"); chmod 755 "$tree"
  # A file which a build removes or rewrites meanwhile is no failure: the next run has another key.
  cut -f1 "$list" | sed '/^$/d' | tar -C "$dir" --no-recursion --verbatim-files-from -T - -cf - 2>/dev/null | tar -C "$tree" -xpf - || :
  image "$tree" "$tree_img"; rm -rf "$tree"
  forget "$name" 3
}

# --- /usr of L1: glibc and this machine's programs, found with ldd.  They come before busybox's, and in /bin too.
programs="sh bash env nohup ip mke2fs e2fsck debugfs tune2fs script stty setsid flock kill ps timeout dd head cat stat sha256sum cmp truncate"

usr_image() { # sets usr_img; the mount points in /usr must be in it
  local program path points=() share at key tree i libraries=() library paths=() names=() libc=/lib/x86_64-linux-gnu
  for share in "${shares[@]}" "${overlays[@]}"; do at=${share#*:}; case $at in /usr/*) points+=("$at") ;; esac; done
  case $jdk in /usr/*) points+=("$jdk") ;; esac
  for program in $programs "${withs[@]}"; do
    path=$(type -P "$program") || die "no program $program on this machine"
    paths+=("$(readlink -f "$path")") names+=("${path##*/}")
  done
  key=$( (echo v1 "${names[@]}" "${points[@]}"; stat -Lc '%n %s %Y' "${paths[@]}" "$libc/libc.so.6"; cat "$lab/lib/images.sh") | digest)
  usr_img=$cache/usr-$key.ext4
  if [ -e "$usr_img" ]; then touch "$usr_img"; return; fi
  tree=$(mktemp -d "$cache/new.XXXX"); chmod 755 "$tree"; mkdir -p "$tree"/{bin,lib,lib64,sbin,share}
  put() { # put FILE: under its own name where a loader or a program looks for it, in /usr/bin if it came from anywhere else
    local to=${1#/usr}
    case $to in /lib/*|/lib64/*|/bin/*|/sbin/*|/share/*|/libexec/*) ;; *) to=/bin/$(basename "$1") ;; esac
    mkdir -p "$tree$(dirname "$to")"; [ -e "$tree$to" ] || cp -Lp "$1" "$tree$to"
    put_at=/usr$to
  }
  for library in libc.so.6 libm.so.6 libdl.so.2 libpthread.so.0 librt.so.1 libresolv.so.2 libnss_files.so.2 libgcc_s.so.1; do
    [ ! -e "$libc/$library" ] || libraries+=("$libc/$library"); done
  libraries+=(/lib64/ld-linux-x86-64.so.2)
  for i in "${!paths[@]}"; do
    while read -r library; do libraries+=("$library"); done < <(ldd "${paths[i]}" 2>/dev/null | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p')
    put "${paths[i]}"
    [ "${put_at##*/}" = "${names[i]}" ] || ln -sf "$put_at" "$tree/bin/${names[i]}"     # sh is dash, pasta is passt
    [ ! -e "${paths[i]}.avx2" ] || put "${paths[i]}.avx2"                                # passt execs it
    case ${paths[i]} in */qemu-system-*) qemu_firmware ;; esac
  done
  for library in "${libraries[@]}"; do put "$library"; done
  for at in "${points[@]}"; do mkdir -p "$tree${at#/usr}"; done
  image "$tree" "$usr_img"; rm -rf "$tree"
  forget usr 6
}

qemu_firmware() {
  local directory file
  for directory in seabios qemu; do for file in bios-256k.bin bios-microvm.bin bios.bin kvmvapic.bin linuxboot_dma.bin linuxboot.bin \
      multiboot.bin multiboot_dma.bin pvh.bin qboot.rom vgabios-stdvga.bin; do
    file=/usr/share/$directory/$file; [ ! -e "$file" ] || put "$file"; done; done
}
