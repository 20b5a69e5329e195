// Touches fresh pages, lets a child copy some of them, and gives them back.
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096
#define PAGES 8192

int main(int argc, char **argv) {
  int rounds = atoi(argv[1]);
  long faults = 0;
  for (int round = 0; round < rounds; round++) {
    char *pages = mmap(0, (long)PAGES * PAGE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    madvise(pages, (long)PAGES * PAGE, MADV_NOHUGEPAGE);
    for (int i = 0; i < PAGES; i++, faults++) {
      pages[(long)i * PAGE] = i;
    }
    int child = fork();
    if (child == 0) {
      for (int i = 0; i < PAGES; i += 4) {
        pages[(long)i * PAGE]++;
      }
      _exit(pages[PAGE] == 1 ? 7 : 1);
    }
    int status;
    waitpid(child, &status, 0);
    if (WEXITSTATUS(status) != 7) {
      return 1;
    }
    faults += PAGES / 4;
    munmap(pages, (long)PAGES * PAGE);
  }
  printf("%ld\n", faults);
  return 0;
}
