prepare() {
  gcc -O2 -o pipe $SOURCES/pipe.c
}

work() {
  ./pipe 60000
}
