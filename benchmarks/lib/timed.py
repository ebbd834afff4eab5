# Runs a guest that powers off, which ends it, and prints how long that took and how much CPU time.    timed.py LABEL COMMAND...
import os, subprocess, sys, time

label, command = sys.argv[1], sys.argv[2:]
start = time.monotonic()
guest = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=600)
end = time.monotonic() - start
if b"reboot: Power down" not in guest.stdout:
    sys.exit("%s: no power-off (exit code %d): %s" % (label, guest.returncode, guest.stdout[-2000:].decode(errors="replace")))
cpu = os.times()
print("BOOT %s off %.0f cpu %.0f" % (label, end * 1000, (cpu.children_user + cpu.children_system) * 1000))
