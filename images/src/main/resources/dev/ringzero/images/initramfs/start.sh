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
for card in /sys/class/net/eth*; do
  [ -e "$card" ] || continue
  card=${card##*/}
  ip link set "$card" up
  address=$(sed -n "s|.*rz\.$card=\([^ ]*\).*|\1|p" /proc/cmdline)
  case ${address:-dhcp} in
    dhcp) udhcpc -i "$card" -s /rz/dhcp -q -n -t 3 -T 1 >/dev/null 2>&1 ;;
    none) ;;
    *) ip address add "$address" dev "$card" ;;
  esac
done
# The second serial port is the monitor's line into the guest.
stty -F /dev/ttyS1 raw -echo
