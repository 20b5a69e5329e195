prepare() {
  gcc -O2 -o faults $SOURCES/faults.c
}

work() {
  ./faults 12
}
