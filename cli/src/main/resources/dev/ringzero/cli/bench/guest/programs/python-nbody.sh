work() {
  python3 $SOURCES/nbody.py 20000
}
