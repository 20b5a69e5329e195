prepare() {
  gcc -O2 -w -o paging $SOURCES/paging.c
}

work() {
  ./paging copies 50
}
