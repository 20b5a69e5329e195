# Writes a C program of many functions.
BEGIN {
  count = 6000
  print "int printf(const char *, ...);"
  for (i = 0; i < count; i++) {
    printf "static int f%d(int a, int b) {\n", i
    print "  int i, s = a;"
    printf "  for (i = 0; i < %d; i++) { s = (s * %d + b) ^ (i << %d); }\n", i % 5 + 1, i + 3, i % 7
    printf "  if (s > %d) { s -= a * 2; } else { s += b & 0x%x; }\n", i * 13, i + 255
    printf "  return s;\n}\n"
  }
  print "int main(void) {\n  int s = 1;"
  for (i = 0; i < count; i++) printf "  s = f%d(s, %d);\n", i, i
  print "  printf(\"%d\\n\", s);\n  return 0;\n}"
}
