/*
 * Programs that are hard on whoever virtualizes memory. Each prints a line that is the same wherever
 * it runs right. Usage: paging-suite CASE SCALE
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096L
#define RW (PROT_READ | PROT_WRITE)

static uint64_t seed = 42;

static uint32_t chance(uint32_t bound) {
  seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
  return (uint32_t)(seed >> 33) % bound;
}

static char *map(long bytes, int protection, int flags) {
  char *at = mmap(0, bytes, protection, flags | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) {
    perror("mmap");
    exit(2);
  }
  return at;
}

static int status(pid_t child) {
  int word = 0;
  waitpid(child, &word, 0);
  return WIFEXITED(word) ? WEXITSTATUS(word) : 200 + WTERMSIG(word);
}

/* A tree of processes, each of which changes what it got from its parent. */
static int grow(int *page, int depth, int id) {
  page[id % 1024] += id;
  if (depth == 0) {
    return page[id % 1024] & 15;
  }
  int sum = 0;
  for (int i = 0; i < 3; i++) {
    pid_t child = fork();
    if (child == 0) {
      _exit(grow(page, depth - 1, id * 3 + i) & 63);
    }
    sum += status(child);
  }
  return sum;
}

static long storm(int scale) {
  int *page = (int *)map(16 * PAGE, RW, MAP_PRIVATE);
  long sum = 0;
  for (int i = 0; i < 1024; i++) {
    page[i * 4] = i;
  }
  for (int i = 0; i < scale; i++) {
    sum = sum * 31 + grow(page, 4, i + 1);
  }
  for (int i = 0; i < 1024; i++) {
    sum += page[i * 4];
  }
  return sum;
}

static sigjmp_buf before_fault;
static volatile long faults;

static void on_fault(int number) {
  (void)number;
  faults++;
  siglongjmp(before_fault, 1);
}

static int can_write(volatile char *at, char value) {
  if (sigsetjmp(before_fault, 1)) {
    return 0;
  }
  *at = value;
  return 1;
}

static int can_read(volatile char *at, char *value) {
  if (sigsetjmp(before_fault, 1)) {
    return 0;
  }
  *value = *at;
  return 1;
}

/* Random maps, unmaps, protections and advice, with a model of what must be there. */
static long patterns(int scale) {
  enum { PAGES = 256 };
  static unsigned char mapped[PAGES], protection[PAGES];
  static char content[PAGES];
  signal(SIGSEGV, on_fault);
  char *base = map(PAGES * PAGE, PROT_NONE, MAP_PRIVATE);
  memset(mapped, 1, sizeof mapped);
  long sum = 0, wrong = 0;
  for (int round = 0; round < scale * 4000; round++) {
    int page = chance(PAGES), count = 1 + chance(8), to;
    count = page + count > PAGES ? PAGES - page : count;
    char *at = base + page * PAGE;
    switch (chance(8)) {
      case 0:
        munmap(at, count * PAGE);
        memset(mapped + page, 0, count);
        break;
      case 1:
        mmap(at, count * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        memset(mapped + page, 1, count);
        memset(protection + page, RW, count);
        memset(content + page, 0, count);
        break;
      case 2:
      case 3: {
        int rights = chance(3) == 0 ? PROT_NONE : chance(2) ? PROT_READ : RW;
        for (to = page; to < page + count && mapped[to]; to++) {
          mprotect(base + to * PAGE, PAGE, rights);
          protection[to] = rights;
        }
        break;
      }
      case 4:
        for (to = page; to < page + count && mapped[to]; to++) {
          madvise(base + to * PAGE, PAGE, MADV_DONTNEED);
          content[to] = 0;
        }
        break;
      case 5:
        if (mapped[page] && chance(16) == 0) {
          pid_t child = fork();
          if (child == 0) {
            for (to = 0; to < PAGES; to++) {
              can_write(base + to * PAGE, 99);
            }
            _exit(7);
          }
          wrong += status(child) != 7;
        }
        break;
      default: {
        char value = 0;
        int may = mapped[page] && protection[page] == RW;
        if (can_write(at, round) != may) {
          wrong++;
        }
        content[page] = may ? (char)round : content[page];
        may = mapped[page] && protection[page] != PROT_NONE;
        if (can_read(at, &value) != may || (may && value != content[page])) {
          wrong++;
        }
        sum = sum * 31 + value;
      }
    }
  }
  printf("patterns: %ld faults, %ld wrong\n", faults, wrong);
  return sum;
}

/* Huge pages where the kernel gives them, taken apart in every way. */
static long huge(int scale) {
  long sum = 0, size = 16L << 20;
  for (int i = 0; i < scale * 3; i++) {
    char *at = map(size, RW, MAP_PRIVATE);
    madvise(at, size, MADV_HUGEPAGE);
    for (long page = 0; page < size / PAGE; page++) {
      *(long *)(at + page * PAGE) = page * 3 + i;
    }
    mprotect(at + (3L << 20), PAGE * 5, PROT_READ);
    munmap(at + (7L << 20), PAGE * 3);
    madvise(at + (9L << 20), PAGE * 7, MADV_DONTNEED);
    pid_t child = fork();
    if (child == 0) {
      for (long page = 0; page < 512; page++) {
        *(long *)(at + page * PAGE) = -1;
      }
      _exit(0);
    }
    sum += status(child);
    char *moved = mremap(at + (12L << 20), 2L << 20, 4L << 20, MREMAP_MAYMOVE);
    for (long page = 0; page < 512; page++) {
      sum = sum * 31 + *(long *)(at + page * PAGE) + *(long *)(moved + page * PAGE);
    }
    sum += *(long *)(at + (9L << 20)) + *(long *)(at + (3L << 20));
    munmap(at, size);
    munmap(moved, 4L << 20);
  }
  return sum;
}

/* More memory than there is, so that pages go to swap and come back. */
static long swap(int scale) {
  long size = (long)scale << 20, sum = 0;
  char *at = map(size, RW, MAP_PRIVATE);
  for (int round = 0; round < 2; round++) {
    for (long page = 0; page < size / PAGE; page++) {
      long *word = (long *)(at + page * PAGE);
      sum = sum * 31 + word[5];
      word[5] = page * 7 + round;
      word[300] = page ^ round;
    }
  }
  for (long page = 0; page < size / PAGE; page++) {
    long *word = (long *)(at + page * PAGE);
    sum = sum * 31 + word[5] + word[300];
  }
  return sum;
}

static int __attribute__((noinline, aligned(4096))) victim(int value) {
  int sum = 0;
  for (int i = 0; i < value; i++) {
    sum += i ^ value;
  }
  return sum & 63;
}

/* A child is stepped, its memory and its code are written; the parent's stay as they are. */
static long traced(int scale) {
  long sum = 0;
  for (int i = 0; i < scale * 3; i++) {
    static volatile long word = 5;
    pid_t child = fork();
    if (child == 0) {
      ptrace(PTRACE_TRACEME, 0, 0, 0);
      raise(SIGSTOP);
      _exit(victim(word) & 63);
    }
    int state;
    waitpid(child, &state, 0);
    ptrace(PTRACE_POKEDATA, child, &word, 40 + i);
    long code = ptrace(PTRACE_PEEKTEXT, child, (void *)victim, 0);
    ptrace(PTRACE_POKETEXT, child, (void *)victim, code);
    for (int step = 0; step < 300; step++) {
      ptrace(PTRACE_SINGLESTEP, child, 0, 0);
      waitpid(child, &state, 0);
      if (WIFEXITED(state)) {
        break;
      }
    }
    /* From now on the child's function is "mov $17, %eax; ret". */
    ptrace(PTRACE_POKETEXT, child, (void *)victim, 0x0000c300000011b8L);
    if (i % 2) {
      ptrace(PTRACE_POKETEXT, child, (void *)victim, code);
    }
    ptrace(PTRACE_DETACH, child, 0, 0);
    sum = sum * 31 + status(child) / 200 + word + victim(20);
  }
  return sum;
}

typedef int (*function)(int);

static void emit(unsigned char *at, int add) {
  unsigned char code[] = {0x8D, 0x87, 0, 0, 0, 0, 0xC3}; /* lea add(%rdi), %eax; ret */
  memcpy(code + 2, &add, 4);
  memcpy(at, code, sizeof code);
}

/* Code is written and run, in place, through a second mapping, and after a change of rights. */
static long jit(int scale) {
  long sum = 0;
  unsigned char *open = (unsigned char *)map(4 * PAGE, RW | PROT_EXEC, MAP_PRIVATE);
  int file = memfd_create("code", 0);
  if (ftruncate(file, 4 * PAGE)) {
    return -1;
  }
  unsigned char *write = mmap(0, 4 * PAGE, RW, MAP_SHARED, file, 0);
  unsigned char *run = mmap(0, 4 * PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, file, 0);
  unsigned char *strict = (unsigned char *)map(PAGE, RW, MAP_PRIVATE);
  for (int i = 0; i < scale * 1500; i++) {
    int at = chance(4 * PAGE / 16) * 16;
    emit(open + at, i);
    sum += ((function)(open + at))(i);
    emit(write + at, i * 3);
    sum = sum * 31 + ((function)(run + at))(i);
    if (i % 16 == 0) {
      mprotect(strict, PAGE, RW);
      emit(strict + at % PAGE, i * 5);
      mprotect(strict, PAGE, PROT_READ | PROT_EXEC);
    }
    sum += i % 16 == 0 ? ((function)(strict + at % PAGE))(i) : 0;
    if (i % 300 == 0) {
      pid_t child = fork();
      if (child == 0) {
        emit(open + at, 1);
        _exit(((function)(open + at))(1) == 2 ? 0 : 1);
      }
      sum += status(child) * 1000000L + ((function)(open + at))(i);
    }
  }
  return sum;
}

enum { SHARED_PAGES = 64, WRITERS = 3 };
static volatile long (*board)[512];
static volatile int stopped;

static void *scribble(void *argument) {
  long id = (long)argument;
  for (long round = 1; !stopped; round++) {
    for (int page = id; page < SHARED_PAGES; page += WRITERS) {
      board[page][id] = round;
      __sync_synchronize();
      board[page][id + 256] = round;
      __sync_fetch_and_add((long *)&board[page][128], 1);
    }
  }
  return 0;
}

/* Threads write pages while their process forks: a child sees each page as it was at one moment. */
static long races(int scale) {
  long wrong = 0;
  pthread_t threads[WRITERS];
  board = (void *)map(SHARED_PAGES * PAGE, RW, MAP_PRIVATE);
  for (long i = 0; i < WRITERS; i++) {
    pthread_create(&threads[i], 0, scribble, (void *)i);
  }
  for (int i = 0; i < scale * 20; i++) {
    pid_t child = fork();
    if (child == 0) {
      int bad = 0;
      for (int page = 0; page < SHARED_PAGES; page++) {
        int id = page % WRITERS;
        long first = board[page][id], second = board[page][id + 256], sum = board[page][128];
        bad += first - second != 0 && first - second != 1;
        bad += second - sum != 0 && second - sum != 1;
        board[page][id] = -1;
        for (int look = 0; look < 20; look++) {
          sched_yield();
          bad += board[page][id] != -1 || board[page][128] != sum;
        }
      }
      _exit(bad != 0);
    }
    wrong += status(child) != 0;
  }
  stopped = 1;
  for (int i = 0; i < WRITERS; i++) {
    pthread_join(threads[i], 0);
  }
  for (int page = 0; page < SHARED_PAGES; page++) {
    int id = page % WRITERS;
    wrong += board[page][id] != board[page][id + 256] || board[page][id] != board[page][128];
  }
  return wrong;
}

static volatile char *guarded;
static volatile int closed_now;
static volatile long trespasses;

static void *push(void *argument) {
  (void)argument;
  for (int i = 1; !stopped; i++) {
    can_write(guarded, i);
  }
  return 0;
}

/* While a page cannot be written, no other thread writes it: translations are shot down. */
static long shootdowns(int scale) {
  pthread_t thread;
  struct sigaction action = {.sa_handler = on_fault, .sa_flags = SA_NODEFER};
  sigaction(SIGSEGV, &action, 0);
  guarded = map(PAGE, RW, MAP_PRIVATE);
  pthread_create(&thread, 0, push, 0);
  for (int i = 0; i < scale * 200; i++) {
    mprotect((void *)guarded, PAGE, PROT_READ);
    char before = *guarded;
    for (int look = 0; look < 50; look++) {
      sched_yield();
      trespasses += *guarded != before;
    }
    mprotect((void *)guarded, PAGE, RW);
  }
  stopped = 1;
  pthread_join(thread, 0);
  return trespasses;
}

int main(int count, char **words) {
  static const struct {
    const char *name;
    long (*run)(int);
  } cases[] = {{"storm", storm},   {"patterns", patterns}, {"huge", huge}, {"swap", swap},
               {"traced", traced}, {"jit", jit},           {"races", races}, {"shootdowns", shootdowns}};
  if (count < 3) {
    return 2;
  }
  for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
    if (!strcmp(cases[i].name, words[1])) {
      printf("%s %ld\n", words[1], cases[i].run(atoi(words[2])));
      return 0;
    }
  }
  return 2;
}
