// Moves bytes and packets between a guest and a server of the same protocol: over TCP a connection
// begins with a letter and a number of 64 bits. S: the client sends so many bytes, and is told how
// many came. G: the server sends so many. E: so many single bytes go to and fro. Over UDP the server
// answers each 32nd packet.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BURST 32
#define PACKET 64

static char buffer[1 << 17];

static void die(const char *what) {
  perror(what);
  exit(1);
}

static void all(int fd, void *data, size_t bytes, int writing) {
  for (size_t done = 0; done < bytes;) {
    ssize_t part = writing ? write(fd, (char *)data + done, bytes - done)
                           : read(fd, (char *)data + done, bytes - done);
    if (part <= 0) die("connection");
    done += part;
  }
}

static void move(int fd, uint64_t bytes, int writing) {
  for (uint64_t left = bytes; left > 0;) {
    size_t part = left < sizeof buffer ? left : sizeof buffer;
    all(fd, buffer, part, writing);
    left -= part;
  }
}

static struct sockaddr_in address(const char *host, int port) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
  to.sin_addr.s_addr = host ? inet_addr(host) : INADDR_ANY;
  return to;
}

static int open_socket(int type, const char *host, int port) {
  int fd = socket(AF_INET, type, 0), one = 1;
  struct sockaddr_in to = address(host, port);
  if (fd < 0) die("socket");
  if (type == SOCK_STREAM) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (host) {
    if (connect(fd, (struct sockaddr *)&to, sizeof to)) die("connect");
    return fd;
  }
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(fd, (struct sockaddr *)&to, sizeof to)) die("bind");
  return fd;
}

static void serve_packets(int port) {
  int fd = open_socket(SOCK_DGRAM, NULL, port);
  struct sockaddr_in from;
  char packet[2048];
  while (1) {
    socklen_t length = sizeof from;
    ssize_t bytes = recvfrom(fd, packet, sizeof packet, 0, (struct sockaddr *)&from, &length);
    if (bytes > 0 && packet[0]) sendto(fd, packet, bytes, 0, (struct sockaddr *)&from, length);
  }
}

static void serve_connection(int fd) {
  char kind, byte;
  uint64_t count;
  all(fd, &kind, 1, 0);
  all(fd, &count, sizeof count, 0);
  if (kind == 'S') {
    move(fd, count, 0);
    all(fd, &count, sizeof count, 1);
  } else if (kind == 'G') {
    move(fd, count, 1);
  } else {
    for (uint64_t i = 0; i < count; i++) {
      all(fd, &byte, 1, 0);
      all(fd, &byte, 1, 1);
    }
  }
}

static void serve(int port) {
  signal(SIGCHLD, SIG_IGN);
  if (fork() == 0) serve_packets(port);
  int listener = open_socket(SOCK_STREAM, NULL, port);
  listen(listener, 8);
  while (1) {
    int fd = accept(listener, NULL, NULL), one = 1;
    if (fd >= 0 && fork() == 0) {
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
      serve_connection(fd);
      exit(0);
    }
    close(fd);
  }
}

static void packets(const char *host, int port, uint64_t count) {
  int fd = open_socket(SOCK_DGRAM, host, port);
  struct timeval patience = {.tv_sec = 1};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  char packet[PACKET] = {0}, answer[2048];
  for (uint64_t burst = 0; burst < count / BURST; burst++) {
    do {
      for (int i = 1; i <= BURST; i++) {
        packet[0] = i == BURST;
        memcpy(packet + 8, &burst, sizeof burst);
        if (send(fd, packet, sizeof packet, 0) < 0) die("send");
      }
    } while (recv(fd, answer, sizeof answer, 0) < 0);
  }
}

static void stream(char kind, const char *host, int port, uint64_t count) {
  int fd = open_socket(SOCK_STREAM, host, port);
  uint64_t told = count;
  char byte = 1;
  all(fd, &kind, 1, 1);
  all(fd, &count, sizeof count, 1);
  if (kind == 'S') {
    move(fd, count, 1);
    all(fd, &told, sizeof told, 0);
    if (told != count) die("not all came");
  } else if (kind == 'G') {
    move(fd, count, 0);
  } else {
    for (uint64_t i = 0; i < count; i++) {
      all(fd, &byte, 1, 1);
      all(fd, &byte, 1, 0);
    }
  }
}

int main(int argc, char **argv) {
  if (argc == 3) serve(atoi(argv[2]));
  if (argc != 5) return 2;
  uint64_t count = strtoull(argv[4], NULL, 10);
  if (argv[1][0] == 'P') packets(argv[2], atoi(argv[3]), count);
  else stream(argv[1][0], argv[2], atoi(argv[3]), count);
  puts("right");
}
