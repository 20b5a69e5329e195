work() {
  for round in 1 2 3; do cat $DATA/text $DATA/text; done |
    openssl enc -aes-128-cbc -K 000102030405060708090a0b0c0d0e0f \
      -iv 00000000000000000000000000000000 | tail -c 16 | od -An -tx1
}
