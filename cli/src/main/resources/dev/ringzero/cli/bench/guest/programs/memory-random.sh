prepare() {
  gcc -O3 -o memory $SOURCES/memory.c
}

work() {
  ./memory random 8000000
}
