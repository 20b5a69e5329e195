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
if [ -e /rz/shares ]; then
  while read -r tag mode path; do
    mkdir -p "$path" && mount -t virtiofs -o "$mode,nodev" "$tag" "$path" ||
      echo "cannot mount the shared folder $path"
  done </rz/shares
fi
hostname "$(cat /etc/hostname)"
ip link set lo up
if [ -e /sys/class/net/eth0 ]; then
  ip link set eth0 up
  udhcpc -i eth0 -s /rz/dhcp -q -n -t 3 -T 1 >/dev/null 2>&1
fi
# The second serial port is the monitor's line into the guest.
stty -F /dev/ttyS1 raw -echo
