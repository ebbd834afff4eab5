running
systemd
debian 12
/dev/vda ext4
root ttyS0
