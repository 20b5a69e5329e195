prepare() {
  gcc -O2 -o rsa $SOURCES/rsa.c -l:libcrypto.so.3
}

work() {
  ./rsa 150
}
