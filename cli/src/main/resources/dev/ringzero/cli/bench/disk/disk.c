// Reads or writes blocks of /dev/vda past the guest's cache, in order or at random, and checks what
// it reads: each word of a block holds the block's number.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define BLOCK 4096

static uint64_t blocks, state = 88172645463325252ULL;
static int device;

static void die(const char *what) {
  perror(what);
  exit(1);
}

static uint64_t next(void) {
  state ^= state << 13, state ^= state >> 7, state ^= state << 17;
  return state;
}

static void fill(char *data, uint64_t block, uint64_t bytes) {
  for (uint64_t at = 0; at < bytes; at += sizeof(uint64_t)) {
    uint64_t number = block + at / BLOCK;
    memcpy(data + at, &number, sizeof number);
  }
}

static void check(const char *data, uint64_t block, uint64_t bytes) {
  for (uint64_t at = 0; at < bytes; at += BLOCK) {
    uint64_t number, last;
    memcpy(&number, data + at, sizeof number);
    memcpy(&last, data + at + BLOCK - sizeof last, sizeof last);
    if (number != block + at / BLOCK || last != number) {
      printf("wrong data in block %llu\n", (unsigned long long)(block + at / BLOCK));
      exit(1);
    }
  }
}

static void run(int writing, int random, uint64_t bytes, uint64_t requests) {
  char *data;
  if (posix_memalign((void **)&data, BLOCK, bytes)) die("memory");
  uint64_t per = bytes / BLOCK;
  for (uint64_t i = 0; i < requests; i++) {
    uint64_t block = (random ? next() % (blocks / per) : i % (blocks / per)) * per;
    if (writing) {
      fill(data, block, bytes);
      if (pwrite(device, data, bytes, block * BLOCK) != (ssize_t)bytes) die("write");
    } else {
      if (pread(device, data, bytes, block * BLOCK) != (ssize_t)bytes) die("read");
      check(data, block, bytes);
    }
  }
  if (writing && fsync(device)) die("fsync");
}

// disk read|write ordered|random BYTES REQUESTS PROCESSES
int main(int count, char **words) {
  if (count != 6) return 2;
  device = open("/dev/vda", O_RDWR | O_DIRECT);
  if (device < 0) die("/dev/vda");
  blocks = lseek(device, 0, SEEK_END) / BLOCK;
  int writing = !strcmp(words[1], "write"), random = !strcmp(words[2], "random");
  int processes = atoi(words[5]), status, bad = 0;
  for (int i = 0; i < processes; i++) {
    if (fork() == 0) {
      state += i * 0x9E3779B97F4A7C15ULL;
      run(writing, random, atoll(words[3]), atoll(words[4]) / processes);
      exit(0);
    }
  }
  while (wait(&status) > 0) bad |= status;
  if (!bad) printf("right\n");
  return bad != 0;
}
