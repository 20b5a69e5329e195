prepare() {
  [ -e large.c ] || mawk -f $SOURCES/large.awk >large.c
}

work() {
  tcc -o large large.c && ./large
}
