// Product of single-precision matrices, in a form that compilers turn into vector code.
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  int n = atoi(argv[1]), rounds = atoi(argv[2]);
  float *a = aligned_alloc(64, sizeof(float) * n * n);
  float *b = aligned_alloc(64, sizeof(float) * n * n);
  float *c = aligned_alloc(64, sizeof(float) * n * n);
  for (int i = 0; i < n * n; i++) {
    a[i] = (i % 17) * 0.25f;
    b[i] = (i % 13) * 0.5f;
    c[i] = 0;
  }
  for (int round = 0; round < rounds; round++) {
    for (int i = 0; i < n; i++) {
      for (int k = 0; k < n; k++) {
        float factor = a[i * n + k];
        for (int j = 0; j < n; j++) {
          c[i * n + j] += factor * b[k * n + j];
        }
      }
    }
  }
  double trace = 0;
  for (int i = 0; i < n; i++) {
    trace += c[i * n + i];
  }
  printf("%.1f\n", trace);
  return 0;
}
