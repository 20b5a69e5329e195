work() {
  i=0
  while [ $i -lt 1500 ]; do
    /bin/true || return
    i=$((i + 1))
  done
  echo $i
}
