prepare() {
  if [ ! -e /sys/class/net/eth1 ]; then
    for module in /bench/modules/*.ko; do
      busybox insmod "$module" || return
    done
    while [ ! -e /sys/class/net/eth1 ]; do busybox usleep 10000; done
    busybox ip link set lo up
    busybox ip address add 10.0.2.15/24 dev eth0
    busybox ip address add "10.1.1.$PLACE/24" dev eth1
    busybox ip link set eth0 up
    busybox ip link set eth1 up
  fi
  [ -x /tmp/net ] || gcc -O2 -o /tmp/net "$SOURCES/net.c"
}
PLACE=1
