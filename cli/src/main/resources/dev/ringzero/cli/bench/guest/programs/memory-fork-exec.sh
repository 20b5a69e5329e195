work() {
  i=0
  while [ $i -lt 300 ]; do
    /bin/true || return
    i=$((i + 1))
  done
  echo $i
}
