# Runs every check in the directory $1, in the full guest: what came of them goes to the device $3, as a tar.
# out: what a check printed; err: its errors; code: its exit code, 124 if it took longer than $2 seconds.
cd "$(dirname "$0")" && mkdir results || exit
for check in "$1"/*.*; do
  name=$(basename "$check")
  case $check in *.py) with='python3 -B';; *) with=sh;; esac
  (cd "$1" && timeout "$2" $with "$name") >"results/$name.out" 2>"results/$name.err" </dev/null
  echo $? >"results/$name.code"
done
tar -cf "$3" results
