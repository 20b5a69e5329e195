#!/run/rz/bin/sh
# Takes what the DHCP server gave.
case $1 in
  bound | renew)
    ip address flush dev "$interface"
    ip address add "$ip/$mask" dev "$interface"
    ip route add default via "$router"
    for server in $dns; do echo "nameserver $server"; done >/run/rz/resolv.conf
    # An image whose root may not be written keeps its own.
    cp /run/rz/resolv.conf /etc/resolv.conf 2>/dev/null
    ;;
esac
