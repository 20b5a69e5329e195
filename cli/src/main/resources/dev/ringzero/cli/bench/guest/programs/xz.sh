work() {
  head -c 1000000 $DATA/text | xz -6 -T1 -c >text.xz && xz -dc text.xz | cksum
}
