// A driver of a virtio network card in user space, through VFIO: takes the card's group, maps a
// buffer for it, asks the network for 10.0.2.2's address and waits for the answer's interrupt; then
// lets the card reach for memory that was not mapped for it.
#include <fcntl.h>
#include <linux/vfio.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

enum { QUEUE = 8, PAGE = 4096, HEADER = 12, FRAME = 60, BAR = 4 };
enum { NOTIFICATIONS = 0x4000, DEVICE = 0x2000 };
#define BUFFERS 0x100000000ul /* as the card sees them */
#define NOWHERE 0x200000000ul

struct descriptor { uint64_t address; uint32_t length; uint16_t flags, next; };
struct rings {
  struct descriptor table[QUEUE];
  struct { uint16_t flags, index, ring[QUEUE]; } available;
  char gap[PAGE - QUEUE * 16 - 4 - QUEUE * 2];
  struct { uint16_t flags, index; struct { uint32_t id, length; } ring[QUEUE]; } used;
};

static volatile unsigned char *bar;
static char *memory;

static int checked(int result, const char *what) {
  if (result < 0) {
    perror(what);
    exit(1);
  }
  return result;
}

static void put8(int at, unsigned value) { *(volatile uint8_t *) (bar + at) = value; }
static void put16(int at, unsigned value) { *(volatile uint16_t *) (bar + at) = value; }
static void put32(int at, unsigned value) { *(volatile uint32_t *) (bar + at) = value; }
static void put64(int at, uint64_t value) { put32(at, value); put32(at + 4, value >> 32); }

static struct rings *queue(int number, int vector) {
  uint64_t at = BUFFERS + number * 2 * PAGE;
  put16(0x16, number);
  put16(0x18, QUEUE);
  put16(0x1A, vector);
  put64(0x20, at);
  put64(0x28, at + QUEUE * 16);
  put64(0x30, at + PAGE);
  put16(0x1C, 1);
  return (struct rings *) (memory + number * 2 * PAGE);
}

static void offer(struct rings *rings, int number, uint64_t address, int length, int flags) {
  int slot = rings->available.index % QUEUE;
  rings->table[slot] = (struct descriptor) {address, length, flags, 0};
  rings->available.ring[slot] = slot;
  __sync_synchronize();
  rings->available.index++;
  __sync_synchronize();
  put16(NOTIFICATIONS + 4 * number, number);
}

static int take(const char *function, const char *group, int *container) {
  char path[64];
  snprintf(path, sizeof path, "/dev/vfio/%s", group);
  *container = checked(open("/dev/vfio/vfio", O_RDWR), "container");
  int fd = checked(open(path, O_RDWR), path);
  struct vfio_group_status status = {.argsz = sizeof status};
  checked(ioctl(fd, VFIO_GROUP_GET_STATUS, &status), "status");
  printf("viable %d\n", status.flags & VFIO_GROUP_FLAGS_VIABLE);
  checked(ioctl(fd, VFIO_GROUP_SET_CONTAINER, container), "set container");
  checked(ioctl(*container, VFIO_SET_IOMMU, VFIO_TYPE1_IOMMU), "type 1");
  return checked(ioctl(fd, VFIO_GROUP_GET_DEVICE_FD, function), "device");
}

static void map(int container, size_t bytes) {
  memory = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  struct vfio_iommu_type1_dma_map request = {
      .argsz = sizeof request,
      .flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
      .vaddr = (uintptr_t) memory,
      .iova = BUFFERS,
      .size = bytes};
  checked(ioctl(container, VFIO_IOMMU_MAP_DMA, &request), "map");
}

static struct vfio_region_info region(int device, int index) {
  struct vfio_region_info info = {.argsz = sizeof info, .index = index};
  checked(ioctl(device, VFIO_DEVICE_GET_REGION_INFO, &info), "region");
  return info;
}

static int interrupt(int device, int vector) {
  int event = eventfd(0, 0);
  char bytes[sizeof(struct vfio_irq_set) + sizeof event];
  struct vfio_irq_set *set = (void *) bytes;
  *set = (struct vfio_irq_set) {
      .argsz = sizeof bytes,
      .flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
      .index = VFIO_PCI_MSIX_IRQ_INDEX,
      .start = vector,
      .count = 1};
  memcpy(set->data, &event, sizeof event);
  checked(ioctl(device, VFIO_DEVICE_SET_IRQS, set), "interrupts");
  return event;
}

static void start(unsigned features) {
  put8(0x14, 0);
  put8(0x14, 1);
  put8(0x14, 3);
  put32(0x08, 0);
  put32(0x0C, features);
  put32(0x08, 1);
  put32(0x0C, 3); // VERSION_1, ACCESS_PLATFORM
  put8(0x14, 11);
}

static void request(char *frame) {
  static const unsigned char arp[] = {0x08, 0x06, 0, 1, 8, 0, 6, 4, 0, 1};
  unsigned char mac[6];
  for (int i = 0; i < 6; i++) {
    mac[i] = bar[DEVICE + i];
  }
  memset(frame, 0, HEADER + FRAME);
  memset(frame + HEADER, 0xFF, 6);
  memcpy(frame + HEADER + 6, mac, 6);
  memcpy(frame + HEADER + 12, arp, sizeof arp);
  memcpy(frame + HEADER + 22, mac, 6);
  memcpy(frame + HEADER + 28, "\12\0\2\115", 4);
  memcpy(frame + HEADER + 38, "\12\0\2\2", 4);
}

static int arrives(int event) {
  struct pollfd wanted = {event, POLLIN, 0};
  uint64_t count;
  return poll(&wanted, 1, 20000) == 1 && read(event, &count, sizeof count) == sizeof count;
}

static int isReply(const unsigned char *frame) {
  return frame[12] == 8 && frame[13] == 6 && frame[21] == 2;
}

int main(int argc, char **argv) {
  int container;
  int device = take(argv[1], argv[2], &container);
  map(container, 64 * PAGE);
  struct vfio_region_info config = region(device, VFIO_PCI_CONFIG_REGION_INDEX);
  uint16_t command;
  pread(device, &command, 2, config.offset + 4);
  command |= 6;
  pwrite(device, &command, 2, config.offset + 4);
  struct vfio_region_info info = region(device, BAR);
  bar = mmap(0, info.size, PROT_READ | PROT_WRITE, MAP_SHARED, device, info.offset);
  if (bar == MAP_FAILED) {
    perror("BAR");
    return 1;
  }
  int event = interrupt(device, 1);
  start(1 << 5);
  struct rings *receive = queue(0, 1);
  struct rings *send = queue(1, 0xFFFF);
  put8(0x14, 15);
  request(memory + 33 * PAGE);
  offer(receive, 0, BUFFERS + 32 * PAGE, 2048, 2);
  offer(send, 1, BUFFERS + 33 * PAGE, HEADER + FRAME, 0);
  unsigned char *answer = (void *) (memory + 32 * PAGE + HEADER);
  int told = arrives(event);
  while (told && !isReply(answer)) {
    offer(receive, 0, BUFFERS + 32 * PAGE, 2048, 2);
    offer(send, 1, BUFFERS + 33 * PAGE, HEADER + FRAME, 0);
    told = arrives(event);
  }
  printf("interrupt %d answer from %d.%d.%d.%d\n", told, answer[28], answer[29], answer[30],
      answer[31]);
  unsigned sent = send->available.index;
  offer(receive, 0, NOWHERE, 2048, 2);
  offer(send, 1, BUFFERS + 33 * PAGE, HEADER + FRAME, 0);
  while (*(volatile uint16_t *) &send->used.index != (uint16_t) (sent + 1)) {
    usleep(1000);
  }
  printf("done\n");
  checked(ioctl(device, VFIO_DEVICE_RESET), "reset");
  printf("after reset status %d\n", bar[0x14]);
  return 0;
}
