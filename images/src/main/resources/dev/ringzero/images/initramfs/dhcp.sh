#!/bin/sh
# Takes what the DHCP server gave.
case $1 in
  bound | renew)
    ip address flush dev "$interface"
    ip address add "$ip/$mask" dev "$interface"
    ip route add default via "$router"
    for server in $dns; do echo "nameserver $server"; done >/etc/resolv.conf
    ;;
esac
