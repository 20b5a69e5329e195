# In the guest: what JIT users, a kernel that patches itself and stress-ng say.
# usage: sh /judges/guest.sh ROUNDS SECONDS WHAT...
rounds=$1 seconds=$2
shift 2
PATH=$PATH:/usr/lib/jvm/java-17-openjdk-amd64/bin
failed=0

said() { # WHAT STATUS
  if [ "$2" = 0 ]; then echo "ok      $1"; else echo "FAILED  $1"; failed=1; fi
}

same() { # WHAT EXPECTED COMMAND...
  what=$1 expected=$2
  shift 2
  "$@" >/tmp/printed 2>/tmp/complaints && cmp -s /tmp/printed "$expected"
  status=$?
  [ $status = 0 ] || { diff "$expected" /tmp/printed | head -5; head -5 /tmp/complaints; }
  said "$what" $status
}

java_programs() {
  for options in -Xint -Xcomp -XX:TieredStopAtLevel=1 -XX:+UseParallelGC -XX:UseAVX=0; do
    same "java $options" /judges/java.expected java $options -cp /judges Judge "$rounds"
  done
}

node_programs() {
  node --jitless /judges/judge.js "$rounds" >/tmp/jitless
  said "node --jitless" $?
  cat /tmp/jitless >/tmp/expected
  [ -s /judges/node.expected ] && cat /judges/node.expected >/tmp/expected
  same "node --jitless, as on the host" /tmp/expected cat /tmp/jitless
  for options in --sparkplug --always-opt --no-opt; do
    same "node $options" /tmp/expected node $options /judges/judge.js "$rounds"
  done
  same "node" /tmp/expected node /judges/judge.js "$rounds"
}

patched_kernel() {
  tracing=/sys/kernel/tracing
  [ -e $tracing/current_tracer ] || mount -t tracefs tracefs $tracing
  (while [ ! -e /tmp/enough ]; do ls -l /proc/self/ | md5sum; done >/dev/null 2>&1) &
  n=0
  while [ $n -lt 4 ]; do
    n=$((n + 1))
    echo function >$tracing/current_tracer && sleep 1 && grep -qv '^#' $tracing/trace
    said "ftrace, every function, time $n" $?
    echo nop >$tracing/current_tracer
    echo 1 >/proc/sys/kernel/sched_schedstats && echo 0 >/proc/sys/kernel/sched_schedstats
    said "static key, time $n" $?
  done
  for event in sched syscalls irq kmem; do
    echo 1 >$tracing/events/$event/enable && ls / >/dev/null && echo 0 >$tracing/events/$event/enable
    said "trace points of $event" $?
  done
  touch /tmp/enough
  wait
  # Processors that stand still (soft lockup, rcu stall) are those of a host that is busy or stopped.
  dmesg | grep -v 'soft lockup' | grep -A 30 -E 'WARNING:|BUG:|Oops|general protection|int3'
  [ $? = 1 ]
  said "the kernel complains of nothing" $?
}

stress() {
  run() {
    stress-ng --verify -t "$seconds" "$@" >/tmp/printed 2>&1
    status=$?
    [ $status = 0 ] || tail -8 /tmp/printed
    said "stress-ng $*" $status
  }
  run --cpu 2 --cpu-method all
  run --vm 1 --vm-bytes 64M --memcpy 1 --str 1 --wcs 1
  run --matrix 1 --hash 1 --qsort 1 --bsearch 1 --tsc 1
  run --context 1 --switch 1 --fault 1 --fork 1 --sigsegv 1 --longjmp 1
  run --atomic 2 --mutex 2 --futex 2 --sem 1
}

for what in "$@"; do
  case $what in
    java) java_programs ;;
    node) node_programs ;;
    patch) patched_kernel ;;
    stress) stress ;;
  esac
done
exit $failed
