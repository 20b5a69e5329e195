work() {
  cat $DATA/text $DATA/text $DATA/text $DATA/text | sha256sum
}
