work() {
  for source in nbody matrix memory pipe; do
    gcc -O2 -o $source $SOURCES/$source.c -lm || return
  done
  ./nbody 1000
}
