# Configures the network cards; $rz is where the files of this run are.
for card in /sys/class/net/eth*; do
  [ -e "$card" ] || continue
  card=${card##*/}
  ip link set "$card" up
  address=$(sed -n "s|.*rz\.$card=\([^ ]*\).*|\1|p" /proc/cmdline)
  case ${address:-dhcp} in
    dhcp) udhcpc -i "$card" -s "$rz/dhcp" -q -n -t 3 -T 1 >/dev/null 2>&1 ;;
    none) ;;
    *) ip address add "$address" dev "$card" ;;
  esac
done
