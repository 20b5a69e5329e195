prepare() {
  gcc -O2 -o nbody $SOURCES/nbody.c -lm
}

work() {
  ./nbody 1000000
}
