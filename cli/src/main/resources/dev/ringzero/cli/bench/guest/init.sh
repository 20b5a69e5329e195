#!/bin/busybox sh
# Prepares the guest for the programs.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sysfs /sys
/bin/busybox mount -t devtmpfs devtmpfs /dev
/bin/busybox mount -t tmpfs tmpfs /tmp
/bin/busybox ln -s /proc/self/fd /dev/fd
for console in $(/bin/busybox cat /sys/class/tty/console/active); do :; done
exec <"/dev/$console" >"/dev/$console" 2>&1
/bin/sh /bench/driver
/bin/busybox poweroff -f
