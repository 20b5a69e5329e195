work() {
  python3 $SOURCES/objects.py 60000
}
