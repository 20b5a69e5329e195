set -e
cd /tmp
cat >hello.c <<'END'
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int main(void) {
  static double values[100000];
  uint64_t state = 88172645463325252ull, hash = 14695981039346656037ull;
  for (int i = 0; i < 100000; i++) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    values[i] = sqrt((double)(state >> 11)) * 0.5;
  }
  qsort(values, 100000, sizeof *values, compare);
  for (int i = 0; i < 100000; i++) {
    unsigned char bytes[8];
    memcpy(bytes, &values[i], 8);
    for (int j = 0; j < 8; j++) hash = (hash ^ bytes[j]) * 1099511628211ull;
  }
  long double sum = 0;
  for (int i = 1; i <= 1000; i++) sum += 1.0L / i;
  __int128 wide = (__int128)hash * hash;
  printf("hello %016llx %.18Lf %llx\n", (unsigned long long)hash, sum,
         (unsigned long long)(wide >> 64));
  return 7;
}
END
# However it is compiled, a program gives the same.
for options in -O0 -O2 "-O3 -mavx2" "-O2 -static" "-Os -m64 -march=x86-64-v3 -ffp-contract=off"; do
  gcc $options hello.c -o hello -lm
  ./hello >out && status=0 || status=$?
  [ $status = 7 ]
  [ -e first ] || cp out first
  cmp out first
done
printf 'int puts(const char *); int main(void) { puts("small"); return 0; }' >small.c
[ "$(tcc -run small.c)" = small ]
grep -q '^hello .* 7.485470860550344' first
echo ok
