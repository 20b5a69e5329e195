prepare() {
  if [ ! -b /dev/vda ]; then
    for module in /bench/modules/*.ko; do
      busybox insmod "$module" || return
    done
    while [ ! -b /dev/vda ]; do busybox usleep 10000; done
  fi
  [ -x /tmp/disk ] || gcc -O2 -o /tmp/disk "$SOURCES/disk.c"
}
