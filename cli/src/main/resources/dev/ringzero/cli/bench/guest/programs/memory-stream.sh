prepare() {
  gcc -O3 -o memory $SOURCES/memory.c
}

work() {
  ./memory stream 40
}
