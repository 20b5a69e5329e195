# Lets the monitor's agent begin, which listens when this ends. $rz is where the files of this run are.
agent() {
  box=/bin/busybox
  [ -x $rz/bin/busybox ] && box=$rz/bin/busybox
  for module in $rz/agent/*.ko; do
    [ -e "$module" ] && $box insmod "$module" 2>/dev/null
  done
  rm -f $rz/agent/*.ko
  if [ ! -e /dev/fd ]; then
    ln -s /proc/self/fd /dev/fd
    ln -s fd/0 /dev/stdin
    ln -s fd/1 /dev/stdout
    ln -s fd/2 /dev/stderr
  fi
  for shell in /bin/bash /bin/sh $rz/bin/sh; do
    [ -x $shell ] && break
  done
  cd /root 2>/dev/null || cd /
  export rz HOME=/root USER=root LOGNAME=root
  export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  $rz/agent/run $shell </dev/null >/dev/null 2>&1 3<&-
}
[ -x $rz/agent/run ] && ( agent )
