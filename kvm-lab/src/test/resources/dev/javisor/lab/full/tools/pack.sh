# What four packers make of a kernel's symbol table and a library, and back.
cat /proc/kallsyms /usr/lib/x86_64-linux-gnu/libc.so.6 | head -c 3000000 >data
for packer in 'gzip -6' 'zstd -3' 'lz4 -1' 'xz -0'; do
  $packer -c data >packed && ${packer% *} -dc packed | cmp - data && [ "$(stat -c %s packed)" -lt 2500000 ] && echo "${packer% *} and back"
done
