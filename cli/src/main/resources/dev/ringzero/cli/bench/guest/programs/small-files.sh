work() {
  python3 $SOURCES/files.py 12000
}
