#!/bin/busybox sh
# The inner guest: does what it is asked for by a word in memory that only its monitor sees.
TOLD=0xD0000000 ASKED=0xD0000004
/bin/busybox mount -t devtmpfs devtmpfs /dev
tell() {
  /bin/busybox devmem $TOLD 32 "$1"
}
tell 0
while :; do
  case $(/bin/busybox devmem $ASKED 32) in
    *1) what=compute ;;
    *) what=fork ;;
  esac
  tell "$(/bin/busybox sh /work.sh $what)"
done
