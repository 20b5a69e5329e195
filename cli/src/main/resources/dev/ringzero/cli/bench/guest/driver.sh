#!/bin/sh
# Runs the programs that the other end of the console names, a line each, and marks on the console
# when each begins and ends.
export LC_ALL=C HOME=/tmp PYTHONHASHSEED=0 PYTHONDONTWRITEBYTECODE=1
export PATH=/usr/sbin:/usr/bin:/sbin:/bin DATA=/bench/data SOURCES=/bench/sources
prepare() { :; }
[ -t 0 ] && stty raw -echo
mkdir -p /tmp/work
cd /tmp/work || exit
echo bench: ready
while read -r name; do
  [ "$name" = end ] && break
  (
    . "/bench/programs/$name.sh"
    prepare >/tmp/prepared 2>&1 </dev/null || {
      echo "bench: unprepared $(head -c 300 /tmp/prepared | tr -s '[:space:]' ' ')"
      exit
    }
    echo bench: begin
    work >/tmp/result 2>&1 </dev/null
    echo "bench: end $?"
    echo "bench: result $(head -c 300 /tmp/result | tr -s '[:space:]' ' ')"
  )
done
