work() {
  cat $DATA/text | gzip -6 >text.gz && gzip -dc text.gz | cksum
}
