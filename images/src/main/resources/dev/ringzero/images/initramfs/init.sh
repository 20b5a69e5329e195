#!/bin/sh
# The first process of the default guest. Files in /rz say what this run asks for.
export PATH=/sbin:/bin HOME=/root TERM=vt100
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t tmpfs tmpfs /run
hostname "$(cat /etc/hostname)"
ip link set lo up 2>/dev/null

# What poweroff, reboot and halt tell the first process.
trap 'poweroff -f' USR2
trap 'reboot -f' TERM
trap 'poweroff -f' USR1

# The second serial port is the monitor's line into the guest.
link=/dev/ttyS1
stty -F $link raw -echo 115200 2>/dev/null || link=

if [ -e /rz/command ]; then
  cd /root
  sh /rz/command </dev/null >${link:-/dev/console} 2>&1 &
  wait $!
  status=$?
  printf '\n%s %s\n' "$(cat /rz/mark)" $status >${link:-/dev/console}
  poweroff -f
fi

rows=24 columns=80
if [ -e /rz/terminal ]; then
  { read -r TERM; read -r rows columns; } </rz/terminal
fi
stty -F /dev/ttyS0 rows $rows cols $columns

# Requests from the monitor, a line each.
if [ -n "$link" ]; then
  while read -r request first second; do
    case $request in
      size) stty -F /dev/ttyS0 rows $first cols $second ;;
      poweroff) poweroff -f ;;
    esac
  done <$link &
  echo ready >$link
fi

cd /root
setsid cttyhack sh -l </dev/console >/dev/console 2>&1 &
wait $!
poweroff -f
