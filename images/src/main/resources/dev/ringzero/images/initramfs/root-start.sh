#!/bin/sh
# The first process of an image: prepares it and runs what this run asks for. Files in /run/rz say what.
mkdir -p /dev/pts /dev/shm
mount -t devpts -o gid=5,mode=620 devpts /dev/pts
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mount -t tmpfs -o mode=1777 tmpfs /tmp 2>/dev/null
mkdir -p /run/lock
hostname "$(cat /run/rz/hostname)"
rz=/run/rz
. /run/rz/links
# The monitor's line into the guest: the second serial port, or what the command line names. Other
# monitors may have none. It stays open: its last close would throw away what has just been sent.
line=/dev/ttyS1
for word in $(cat /proc/cmdline); do
  case $word in
    rz.line=*) line=/dev/${word#rz.line=} ;;
  esac
done
stty -F $line raw -echo 2>/dev/null || line=/dev/null
exec 3<$line

end() {
  sync
  mount -o remount,ro / 2>/dev/null
  poweroff -f
}

export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root USER=root LOGNAME=root
cd /root 2>/dev/null || cd /
for shell in /bin/bash /bin/sh /run/rz/bin/sh; do
  [ -x $shell ] && break
done

if [ -e /run/rz/command ]; then
  shell=/bin/sh
  [ -x $shell ] || shell=/run/rz/bin/sh
  while read -r request first second; do
    case $request in
      forked) . $rz/forked ;;
      agent) . $rz/agent/start ;;
    esac
  done <&3 &
  $shell /run/rz/command </dev/null >$line 2>&1 3<&-
  status=$?
  printf '\n%s %s\n' "$(cat /run/rz/mark)" $status >$line
  end
fi

# A virtio console, if this run has one, is a better terminal than the serial port.
console=/dev/console
case $(cat /proc/cmdline) in
  *rz.console=hvc0*) [ -c /dev/hvc0 ] && console=/dev/hvc0 && exec <$console >$console 2>&1 ;;
esac
rows=24 columns=80 TERM=vt100
if [ -e /run/rz/terminal ]; then
  { read -r TERM; read -r rows columns; } </run/rz/terminal
fi
export TERM
stty rows $rows cols $columns

# Requests from the monitor, a line each.
while read -r request first second; do
  case $request in
    forked) . $rz/forked ;;
    agent) . $rz/agent/start ;;
    size) stty -F $console rows $first cols $second ;;
    exec) . $rz/exec ;;
    put) . $rz/put ;;
    poweroff) end ;;
  esac
done <&3 &

echo ready >$line
if [ $console = /dev/console ]; then
  setsid cttyhack $shell -l 3<&-
else
  setsid -c $shell -l 3<&-
fi
end
