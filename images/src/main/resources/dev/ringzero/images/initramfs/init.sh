#!/bin/sh
# The first process of the default guest. Files in /rz say what this run asks for.
export PATH=/sbin:/bin HOME=/root
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

# The second serial port is the monitor's line into the guest.
link=/dev/ttyS1
stty -F $link raw -echo 115200 2>/dev/null || link=

if [ -e /rz/command ]; then
  cd /root
  sh /rz/command </dev/null >${link:-/dev/console} 2>&1
  status=$?
  printf '\n%s %s\n' "$(cat /rz/mark)" $status >${link:-/dev/console}
  poweroff
fi

if [ -e /rz/terminal ]; then
  { read -r TERM; read -r rows columns; } </rz/terminal
  export TERM
  stty -F /dev/ttyS0 rows $rows cols $columns
fi

# Requests from the monitor, a line each.
if [ -n "$link" ]; then
  while read -r request first second; do
    case $request in
      size) stty -F /dev/ttyS0 rows $first cols $second ;;
      poweroff) poweroff ;;
    esac
  done <$link &
fi

cd /root
setsid cttyhack sh -l
poweroff
