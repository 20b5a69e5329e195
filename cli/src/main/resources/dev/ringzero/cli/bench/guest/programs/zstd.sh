work() {
  zstd -q -9 --single-thread -c $DATA/text >text.zst && zstd -q -dc text.zst | cksum
}
