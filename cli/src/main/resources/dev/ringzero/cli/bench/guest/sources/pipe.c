// Two processes hand one byte to and fro: system calls and context switches.
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  int rounds = atoi(argv[1]), there[2], back[2];
  unsigned char token = 0;
  if (pipe(there) || pipe(back)) {
    return 1;
  }
  if (fork() == 0) {
    for (int i = 0; i < rounds; i++) {
      if (read(there[0], &token, 1) != 1) {
        _exit(1);
      }
      token++;
      if (write(back[1], &token, 1) != 1) {
        _exit(1);
      }
    }
    _exit(0);
  }
  for (int i = 0; i < rounds; i++) {
    if (write(there[1], &token, 1) != 1 || read(back[0], &token, 1) != 1) {
      return 1;
    }
  }
  wait(0);
  printf("%d\n", token);
  return 0;
}
