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
# The monitor's line into the guest: the second serial port, where there is one.
line=/dev/ttyS1
for word in $(cat /proc/cmdline); do
  case $word in
    rz.line=*) line=/dev/${word#rz.line=} ;;
  esac
done
echo "line=$line" >/run/line
[ $line = /dev/null ] || stty -F $line raw -echo
# An idle guest is to sleep: compacting memory before anybody asks would wake it twice a second.
quiet=/proc/sys/vm/compaction_proactiveness
if [ -e $quiet ]; then echo 0 >$quiet; fi
