// Streams through memory, or follows pointers through it in random order.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS (4 << 20)

static uint64_t *filled(void) {
  uint64_t *words = malloc(WORDS * sizeof(uint64_t));
  for (uint64_t i = 0; i < WORDS; i++) {
    words[i] = i;
  }
  return words;
}

static void stream(int rounds) {
  uint64_t *from = filled(), *to = filled(), sum = 0;
  for (int round = 0; round < rounds; round++) {
    for (int i = 0; i < WORDS; i++) {
      to[i] = from[i] * 3 + i;
    }
    memcpy(from, to, WORDS * sizeof(uint64_t));
  }
  for (int i = 0; i < WORDS; i++) {
    sum = sum * 31 + to[i];
  }
  printf("%016llx\n", (unsigned long long)sum);
}

static void chase(int steps) {
  uint64_t *next = filled(), state = 88172645463325252ULL, at = 0;
  for (uint64_t i = WORDS - 1; i > 0; i--) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    uint64_t other = state % i, kept = next[i];
    next[i] = next[other];
    next[other] = kept;
  }
  for (int i = 0; i < steps; i++) {
    at = next[at];
  }
  printf("%llu\n", (unsigned long long)at);
}

int main(int argc, char **argv) {
  int amount = atoi(argv[2]);
  if (strcmp(argv[1], "stream") == 0) {
    stream(amount);
  } else {
    chase(amount);
  }
  return 0;
}
