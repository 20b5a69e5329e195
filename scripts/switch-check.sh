#!/bin/sh
# Boots N machines (12) on one switch and lets each ping every other. Says who did not answer whom.
#   RZ=./rz scripts/switch-check.sh [N] [SECONDS]
set -u
machines=${1:-12}
limit=${2:-240}
rz=${RZ:-./rz}
switch=check$$
out=$(mktemp -d)
trap 'rm -r "$out"; $rz switch rm "$switch" --force 2>/dev/null' EXIT

$rz switch create "$switch" || exit 1
guest='
n=MACHINES
tries=0
for i in $(seq 1 $n); do
  until ping -c 1 -W 1 10.9.0.$i >/dev/null || [ $tries -gt 150 ]; do tries=$((tries + 1)); done
done
lost=
for i in $(seq 1 $n); do
  ping -q -c 3 -W 5 -s 2000 10.9.0.$i >/dev/null || lost="$lost $i"
done
echo "missing:$lost"
sleep 20'
for i in $(seq 1 "$machines"); do
  timeout "$limit" $rz run --memory 96M --name "$switch-$i" --net "switch=$switch,ip=10.9.0.$i/24" \
    --exec "$(echo "$guest" | sed "s/MACHINES/$machines/")" >"$out/$i" 2>&1 &
done
wait
failed=0
for i in $(seq 1 "$machines"); do
  grep -qx 'missing:' "$out/$i" || { failed=1; echo "machine $i: $(tail -n 1 "$out/$i")"; }
done
$rz switch show "$switch"
[ $failed = 0 ] && echo "each of $machines machines heard every other"
exit $failed
