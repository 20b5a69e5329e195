#!/bin/sh
# The first process: mounts the root file system that the kernel's command line names, and goes there.
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
for module in /rz/modules/*.ko; do
  [ -e "$module" ] && insmod "$module"
done
rm -r /rz/modules

root= type= flags= mode=ro init=
for word in $(cat /proc/cmdline); do
  case $word in
    root=*) root=${word#root=} ;;
    rootfstype=*) type=${word#rootfstype=} ;;
    rootflags=*) flags=${word#rootflags=} ;;
    init=*) init=${word#init=} ;;
    ro | rw) mode=$word ;;
  esac
done

fail() {
  echo "rz: $*"
  cat /proc/partitions
  poweroff -f
}

# A disk may come late.
device() {
  case $root in
    UUID=* | LABEL=* | PARTUUID=*) findfs "$root" 2>/dev/null ;;
    *) [ -b "$root" ] && echo "$root" ;;
  esac
}
tries=50
until found=$(device); do
  [ $((tries -= 1)) -gt 0 ] || fail "there is no root $root; these are the disks:"
  sleep 0.1
done
mkdir /newroot
mount ${type:+-t $type} -o "$mode${flags:+,$flags}" "$found" /newroot ||
  fail "cannot mount root $root; these are the disks:"

for directory in dev proc sys run; do
  [ -d /newroot/$directory ] || mkdir /newroot/$directory
done
mount --move /dev /newroot/dev
mount --move /proc /newroot/proc
mount --move /sys /newroot/sys
if [ -e /rz/own ]; then
  mount -t tmpfs -o mode=755 tmpfs /newroot/run
  cp -a /rz /newroot/run/rz
  mkdir /newroot/run/rz/bin
  cp /bin/busybox /newroot/run/rz/bin/busybox
  ln -s busybox /newroot/run/rz/bin/sh
  exec switch_root /newroot /run/rz/bin/sh /run/rz/start
fi
for program in $init /sbin/init /etc/init /bin/init /bin/sh; do
  [ -e /newroot$program ] || [ -L /newroot$program ] || continue
  exec switch_root /newroot $program
done
fail "root $root has no init; give one with --append init=..."
