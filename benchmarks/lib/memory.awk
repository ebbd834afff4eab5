# Of /proc/PID/smaps: what a process holds besides guest RAM, which is its anonymous mapping of `ram` kB or more.
/^[0-9a-f]+-[0-9a-f]+ / { file = ($6 ~ /^\//); size = 0 }
/^Size:/ { size = $2 }
/^Pss:/ { pss = $2 }
/^VmFlags:/ { if (!file && size >= ram) guest += pss; else if (file) filed += pss; else anon += pss }
END { printf "MEMORY pss minus guest RAM %.1f MB: anonymous %.1f, file-backed %.1f; guest RAM touched %.1f\n", (anon + filed) / 1024, anon / 1024, filed / 1024, guest / 1024 }
