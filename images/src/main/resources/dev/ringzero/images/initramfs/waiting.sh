#!/bin/sh
# Waits for what the monitor wants of this guest: snapshots of it are taken here, before it is anybody's.
rz=/rz
. /run/line
exec 3<$line # stays open: the last close would throw away what the monitor has just sent
. $rz/agent/start
echo waiting >$line
while read -r request first second third; do
  case $request in
    forked) . $rz/forked ;;
    hostname)
      hostname "$first"
      echo "$first" >/etc/hostname
      echo "127.0.0.1 localhost $first" >/etc/hosts
      ;;
    terminal) printf '%s\n%s %s\n' "$first" "$second" "$third" >/rz/terminal ;;
    mark) echo "$first" >/rz/mark ;;
    script) echo "$first" | base64 -d >>/rz/command ;;
    run) break ;;
    poweroff) poweroff -f ;;
  esac
done <&3
[ -e /rz/command ] && exec /rz/run
exec /rz/shell
