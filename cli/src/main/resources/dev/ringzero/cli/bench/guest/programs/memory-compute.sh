work() {
  busybox sh -c 'i=0 sum=0
    while [ $i -lt 150000 ]; do
      sum=$(((sum + i * 7) % 65521))
      i=$((i + 1))
    done
    echo $sum'
}
