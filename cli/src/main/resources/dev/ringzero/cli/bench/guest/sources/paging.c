/* Work that is dear for one way or another to virtualize memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096L
#define PROTECTION (PROT_READ | PROT_WRITE)

static char *pages(long count) {
  char *at = mmap(0, count * PAGE, PROTECTION, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) {
    exit(2);
  }
  madvise(at, count * PAGE, MADV_NOHUGEPAGE);
  return at;
}

static long touch(char *at, long count, int value) {
  long sum = 0;
  for (long i = 0; i < count; i++) {
    sum += at[i * PAGE];
    at[i * PAGE] = value;
  }
  return sum;
}

static long await(void) {
  int status;
  wait(&status);
  return WEXITSTATUS(status);
}

/* A page is mapped, touched and unmapped. */
static long remap(int rounds) {
  long sum = 0;
  for (int i = 0; i < rounds; i++) {
    char *at = pages(1);
    sum += touch(at, 1, 1) + 1;
    munmap(at, PAGE);
  }
  return sum;
}

/* Pages lose and get the right to be written. */
static long protect(int rounds) {
  char *at = pages(64);
  long sum = 0;
  for (int i = 0; i < rounds; i++) {
    sum += touch(at, 64, 1);
    mprotect(at, 64 * PAGE, PROT_READ);
    sum += at[i % 64 * PAGE];
    mprotect(at, 64 * PAGE, PROTECTION);
  }
  return sum;
}

/* A process with many pages has children that use few. */
static long forks(int rounds) {
  char *at = pages(8192);
  touch(at, 8192, 1);
  long sum = 0;
  for (int i = 0; i < rounds; i++) {
    if (fork() == 0) {
      _exit(touch(at, 16, 2) & 0xFF);
    }
    sum += await();
  }
  return sum;
}

/* A child copies all pages of its parent by writing them. */
static long copies(int rounds) {
  char *at = pages(2048);
  touch(at, 2048, 1);
  long sum = 0;
  for (int i = 0; i < rounds; i++) {
    if (fork() == 0) {
      _exit(touch(at, 2048, 2) / 2048);
    }
    sum += await();
  }
  return sum;
}

/* Many address spaces take turns, and each uses some pages in its turn. */
static long spaces(int rounds) {
  enum { COUNT = 24 };
  int ring[COUNT + 1][2];
  char token = 1;
  char *at = pages(64);
  for (int i = 0; i <= COUNT; i++) {
    pipe(ring[i]);
  }
  for (int i = 0; i < COUNT; i++) {
    if (fork() == 0) {
      touch(at, 64, i);
      for (int round = 0; round < rounds; round++) {
        read(ring[i][0], &token, 1);
        if (touch(at, 64, i) != 64L * i) {
          _exit(1);
        }
        write(ring[i + 1][1], &token, 1);
      }
      _exit(0);
    }
  }
  for (int round = 0; round < rounds; round++) {
    write(ring[0][1], &token, 1);
    read(ring[COUNT][0], &token, 1);
  }
  long failed = 0;
  for (int i = 0; i < COUNT; i++) {
    failed += await();
  }
  return failed == 0 ? (long)rounds * COUNT : -1;
}

/* A page here and there, so that each needs page tables of its own. */
static long sparse(int rounds) {
  long sum = 0;
  for (int i = 0; i < rounds; i++) {
    char *at = pages(512 * 256);
    for (long region = 0; region < 256; region++) {
      sum += touch(at + region * 512 * PAGE, 1, 1) + 1;
    }
    munmap(at, 512 * 256 * PAGE);
  }
  return sum;
}

/* Huge pages are given, split by protection, and dropped. */
static long huge(int rounds) {
  long size = 8L << 20;
  long sum = 0;
  for (int i = 0; i < rounds; i++) {
    char *at = mmap(0, size, PROTECTION, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    madvise(at, size, MADV_HUGEPAGE);
    sum += touch(at, size / PAGE, 1);
    mprotect(at + (1L << 20), PAGE, PROT_READ);
    sum += touch(at + (4L << 20), 1024, 1);
    munmap(at, size);
  }
  return sum;
}

int main(int count, char **words) {
  int rounds = count > 2 ? atoi(words[2]) : 1;
  long result = !strcmp(words[1], "remap")     ? remap(rounds)
                : !strcmp(words[1], "protect") ? protect(rounds)
                : !strcmp(words[1], "forks")   ? forks(rounds)
                : !strcmp(words[1], "copies")  ? copies(rounds)
                : !strcmp(words[1], "spaces")  ? spaces(rounds)
                : !strcmp(words[1], "sparse")  ? sparse(rounds)
                                               : huge(rounds);
  printf("%s %ld\n", words[1], result);
  return result < 0;
}
