// vsock call PORT: sends its input to the host's port, then prints the answer.
// vsock echo PORT: sends one caller's bytes back to it.
#include <linux/vm_sockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static char buffer[1 << 16];

static void copy(int from, int to) {
  ssize_t count;
  while ((count = read(from, buffer, sizeof buffer)) > 0) {
    for (ssize_t done = 0; done < count;) {
      ssize_t written = write(to, buffer + done, count - done);
      if (written <= 0) {
        perror("write");
        exit(1);
      }
      done += written;
    }
  }
}

int main(int arguments, char **argument) {
  struct sockaddr_vm address = {.svm_family = AF_VSOCK, .svm_port = atoi(argument[2])};
  int fd = socket(AF_VSOCK, SOCK_STREAM, 0);
  if (argument[1][0] == 'c') {
    address.svm_cid = VMADDR_CID_HOST;
    if (connect(fd, (struct sockaddr *)&address, sizeof address)) {
      perror("connect");
      return 1;
    }
    copy(0, fd);
    shutdown(fd, SHUT_WR);
    copy(fd, 1);
    return 0;
  }
  address.svm_cid = VMADDR_CID_ANY;
  if (bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 1)) {
    perror("listen");
    return 1;
  }
  int caller = accept(fd, 0, 0);
  copy(caller, caller);
  return 0;
}
