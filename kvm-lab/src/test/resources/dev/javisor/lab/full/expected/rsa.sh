Verified OK
the same signature
Verified OK
Verification failure
exit code 1
a secret
