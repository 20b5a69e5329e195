#!/bin/sh
# Runs a shell on the console; the guest ends with it.
# A virtio console, if this run has one, is a better terminal than the serial port.
console=/dev/console
case $(cat /proc/cmdline) in
  *rz.console=hvc0*) [ -c /dev/hvc0 ] && console=/dev/hvc0 && exec <$console >$console 2>&1 ;;
esac
rows=24 columns=80 TERM=vt100
if [ -e /rz/terminal ]; then
  { read -r TERM; read -r rows columns; } </rz/terminal
fi
export TERM
stty rows $rows cols $columns

# Requests from the monitor, a line each.
. /run/line
rz=/rz
exec 3<$line # stays open: the last close would throw away what the monitor has just sent
while read -r request first second; do
  case $request in
    forked) . $rz/forked ;;
    agent) . $rz/agent/start ;;
    size) stty -F $console rows $first cols $second ;;
    exec) . $rz/exec ;;
    put) . $rz/put ;;
    poweroff) poweroff -f ;;
  esac
done <&3 &

cd /root
echo ready >$line
if [ $console = /dev/console ]; then
  setsid cttyhack sh -l 3<&-
else
  setsid -c sh -l 3<&-
fi
poweroff -f
