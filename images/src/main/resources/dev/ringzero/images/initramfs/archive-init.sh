#!/usr/bin/busybox sh
# The first process of an image that a kernel has unpacked into memory. Files in /rz say what to run;
# a second archive behind this one can bring them.
box=/usr/bin/busybox
$box mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
for module in /rz/modules/*.ko; do
  [ -e "$module" ] && insmod "$module"
done
mount -t tmpfs -o mode=755 tmpfs /run
cp -a /rz /run/rz
mkdir /run/rz/bin
cp $box /run/rz/bin/busybox
ln -s busybox /run/rz/bin/sh
# The kernel could not open a console before there were devices.
exec /run/rz/bin/sh /run/rz/start </dev/console >/dev/console 2>&1
