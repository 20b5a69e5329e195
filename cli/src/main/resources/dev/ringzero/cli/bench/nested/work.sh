# What the outer and the inner guest both do.
case $1 in
  compute)
    i=0 sum=0
    while [ $i -lt 150000 ]; do
      sum=$(((sum + i * 7) % 65521))
      i=$((i + 1))
    done
    echo $sum
    ;;
  fork)
    i=0
    while [ $i -lt 300 ]; do
      /bin/busybox true || exit
      i=$((i + 1))
    done
    echo $i
    ;;
esac
