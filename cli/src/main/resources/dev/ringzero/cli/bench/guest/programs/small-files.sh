work() {
  python3 $SOURCES/files.py 5000
}
