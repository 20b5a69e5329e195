work() {
  hackbench -g 3 -l 150 -s 100 >/dev/null && echo done
}
