#!/bin/sh
# Prepares the default guest. Files in /rz say what this run asks for.
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t tmpfs tmpfs /run
for module in /rz/modules/*.ko; do
  [ -e "$module" ] && insmod "$module"
done
rm -r /rz/modules
hostname "$(cat /etc/hostname)"
rz=/rz
. /rz/links
# The second serial port is the monitor's line into the guest.
stty -F /dev/ttyS1 raw -echo
