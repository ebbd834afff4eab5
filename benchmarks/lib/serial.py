# Runs a guest whose serial console is our stdin and stdout: types `poweroff` at the shell's prompt and prints how long it
# took, from the start of the process, to the prompt and to its end.    serial.py LABEL COMMAND...
import os, subprocess, sys, time

label, command = sys.argv[1], sys.argv[2:]
start = time.monotonic()
guest = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
seen, prompt = b"", 0.0
while chunk := os.read(guest.stdout.fileno(), 65536):
    seen += chunk
    if not prompt and b"# " in seen:
        prompt = time.monotonic() - start
        guest.stdin.write(b"poweroff\n")
        guest.stdin.flush()
code = guest.wait(timeout=60)
end = time.monotonic() - start
if not prompt or b"Power down" not in seen:
    sys.exit("%s: no shell, or no power-off (exit code %d): %s" % (label, code, seen[-2000:].decode(errors="replace")))
cpu = os.times()
print("BOOT %s prompt %.0f off %.0f cpu %.0f" % (label, prompt * 1000, end * 1000, (cpu.children_user + cpu.children_system) * 1000))
