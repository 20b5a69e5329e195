prepare() {
  gcc -O3 -mavx2 -o matrix $SOURCES/matrix.c
}

work() {
  ./matrix 384 4
}
