# What a 32-bit busybox, $1, works out: integers, and floating point by the x87.
bb=$1
$bb od -An -tu1 -j4 -N1 $bb
$bb sha256sum <$bb
$bb sha512sum <$bb
$bb seq 1 3000 | $bb sort -rn | $bb md5sum
$bb seq 1 20000 | $bb gzip -9 | $bb gunzip | $bb sha1sum
$bb seq 1 2000 | $bb bzip2 | $bb bunzip2 | $bb md5sum
$bb awk 'BEGIN {
  for (i = 1; i <= 1000; i++) { s += 1 / i; t += 1 / (i * i); u = u * 0.999 + i / 7 }
  for (x = i = 1; i < 30; i++) x = (x + 2 / x) / 2
  printf "%.15g %.15g %.15g %.15g %.17g\n", s, t, u, x, 0.1 + 0.2
  print int(-3.7), 7 % 3, -7.5 % 2, 9007199254740992 + 1, 1e300 * 1e300, 1 / 3, 1e-320 * 0.1, substr("x87", 2)
  printf "%.3e %g %d %x %c|%8.3f|%-6d|\n", 6.02214076e23, 1e-5, 2147483647, 3735928559, 65, 2.0005, -42
}'
echo 'scale=40; 4*a(1); e(1); 2^200; sqrt(2); l(10); 7/3' | $bb bc -l
$bb expr 1000003 \* 999983 / 7 % 1000
$bb sh -c 'x=1; i=0; while [ $i -lt 60 ]; do x=$((x * 3)); i=$((i + 1)); done; echo $x $((x >> 7)) $((x % 1000007)) $((-x / 13))'
$bb dc -e '3 1000 ^ 1000000007 % p'
$bb printf '%e %g %.3f %x %o\n' 6.02214076e23 1e-5 2.0005 3735928559 511
echo 'The quick brown fox' | $bb sed 's/\(q[a-z]*\) \(b[a-z]*\)/\2 \1/' | $bb tr a-z A-Z
$bb uuencode -m x <$bb | $bb uudecode -o - | $bb cmp - $bb && echo same
$bb date -u -d @1700000000 +%FT%T
