# The guest became a copy of itself: it takes the time and random numbers that it is told, and the new
# addresses of its network cards. $rz is where the files of this run are.
date -s "@$first" >/dev/null 2>&1
echo "$second" >/dev/urandom
$rz/reseed
drivers=/sys/bus/virtio/drivers/virtio_net
again=
for card in $drivers/virtio*; do
  [ -e "$card" ] || continue
  card=${card##*/}
  echo "$card" >$drivers/unbind
  echo "$card" >$drivers/bind
  again=yes
done
[ -z "$again" ] || . $rz/network
: >/run/forked
