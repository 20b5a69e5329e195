/* Sends and hears frames as nobody's driver would: a source and a VLAN of the caller's choice.
 *   frames send INTERFACE SOURCE|own VLAN|0 TEXT
 *   frames hear INTERFACE LAST     prints "hears", then each text, until it is LAST
 */
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define EXPERIMENT 0x88B5 /* IEEE 802 local experimental EtherType */
#define LEAST 60

static int attach(const char *name, int protocol, unsigned char *mac) {
  int fd = socket(AF_PACKET, SOCK_RAW, htons(protocol));
  struct ifreq request = {0};
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  if (fd < 0 || ioctl(fd, SIOCGIFHWADDR, &request)) {
    perror(name);
    exit(1);
  }
  memcpy(mac, request.ifr_hwaddr.sa_data, 6);
  struct sockaddr_ll place = {.sll_family = AF_PACKET, .sll_protocol = htons(protocol)};
  place.sll_ifindex = if_nametoindex(name);
  if (bind(fd, (struct sockaddr *)&place, sizeof place)) {
    perror("bind");
    exit(1);
  }
  return fd;
}

static int sends(char **words) {
  unsigned char frame[1500] = {0}, own[6];
  int fd = attach(words[0], EXPERIMENT, own);
  unsigned char *at = frame + 12;
  memset(frame, 0xFF, 6);
  if (strcmp(words[1], "own") == 0)
    memcpy(frame + 6, own, 6);
  else
    sscanf(words[1], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", frame + 6, frame + 7, frame + 8, frame + 9,
           frame + 10, frame + 11);
  int vlan = atoi(words[2]);
  if (vlan) {
    *at++ = 0x81;
    *at++ = 0x00;
    *at++ = vlan >> 8;
    *at++ = vlan;
  }
  *at++ = EXPERIMENT >> 8;
  *at++ = EXPERIMENT & 0xFF;
  strcpy((char *)at, words[3]);
  long length = at - frame + strlen(words[3]) + 1;
  return send(fd, frame, length < LEAST ? LEAST : length, 0) < 0;
}

static int hears(char **words) {
  unsigned char frame[2048], own[6];
  int fd = attach(words[0], ETH_P_ALL, own);
  puts("hears");
  fflush(stdout);
  for (;;) {
    long length = recv(fd, frame, sizeof frame - 1, 0);
    unsigned char *type = frame + 12;
    if (length > 18 && type[0] == 0x81 && type[1] == 0)
      type += 4;
    if (length < LEAST || type[0] != EXPERIMENT >> 8 || type[1] != (EXPERIMENT & 0xFF))
      continue;
    frame[length] = 0;
    puts((char *)type + 2);
    fflush(stdout);
    if (strcmp((char *)type + 2, words[1]) == 0)
      return 0;
  }
}

int main(int count, char **words) {
  if (count == 6 && strcmp(words[1], "send") == 0)
    return sends(words + 2);
  if (count == 4 && strcmp(words[1], "hear") == 0)
    return hears(words + 2);
  return 2;
}
