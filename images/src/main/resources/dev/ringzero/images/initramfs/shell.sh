#!/bin/sh
# Runs a shell on the console; the guest ends with it.
rows=24 columns=80 TERM=vt100
if [ -e /rz/terminal ]; then
  { read -r TERM; read -r rows columns; } </rz/terminal
fi
export TERM
stty rows $rows cols $columns

# Requests from the monitor, a line each.
while read -r request first second; do
  case $request in
    size) stty -F /dev/console rows $first cols $second ;;
    poweroff) poweroff -f ;;
  esac
done </dev/ttyS1 &

cd /root
echo ready >/dev/ttyS1
setsid cttyhack sh -l
poweroff -f
