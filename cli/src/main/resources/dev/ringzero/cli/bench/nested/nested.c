// A monitor on /dev/kvm.
//   nested rounds cpuid|hypercall|port N   a guest without a system does one thing N times,
//                                          as soon as a line comes from standard input
//   nested linux KERNEL INITRD             boots Linux; its programs talk to ours by two words in
//                                          memory that is not there: numbers that they write to
//                                          TOLD go to standard output, those that they read from
//                                          ASKED come from standard input, a line each
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define DONE 0x402
#define TOLD 0xD0000000
#define ASKED 0xD0000004
#define PIC_MASK 0x21 // answered by the interrupt controller inside KVM

#define SMALL_RAM 0x10000
#define CODE 0x1000

#define IA32_MISC_ENABLE 0x1A0
#define FAST_STRINGS 1

#define LINUX_RAM (192UL << 20)
#define PARAMETERS 0x10000
#define COMMAND_LINE 0x20000
#define DESCRIPTORS 0x8000
#define KERNEL 0x100000
#define INITRD (96UL << 20)

static int kvm, vm, cpu;
static unsigned char *ram;
static struct kvm_run *run;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void create(unsigned long bytes) {
  if ((kvm = open("/dev/kvm", O_RDWR)) < 0) fail("/dev/kvm");
  if ((vm = ioctl(kvm, KVM_CREATE_VM, 0)) < 0) fail("KVM_CREATE_VM");
  ioctl(vm, KVM_SET_TSS_ADDR, 0xFFFBD000UL);
  if (ioctl(vm, KVM_CREATE_IRQCHIP, 0)) fail("KVM_CREATE_IRQCHIP");
  struct kvm_pit_config pit = {.flags = KVM_PIT_SPEAKER_DUMMY};
  if (ioctl(vm, KVM_CREATE_PIT2, &pit)) fail("KVM_CREATE_PIT2");
  ram = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (ram == MAP_FAILED) fail("memory");
  struct kvm_userspace_memory_region region = {0, 0, 0, bytes, (unsigned long)ram};
  if (ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region)) fail("KVM_SET_USER_MEMORY_REGION");
  if ((cpu = ioctl(vm, KVM_CREATE_VCPU, 0)) < 0) fail("KVM_CREATE_VCPU");
  int size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
  run = mmap(0, size, PROT_READ | PROT_WRITE, MAP_SHARED, cpu, 0);
  struct kvm_cpuid2 *leaves = calloc(1, sizeof *leaves + 100 * sizeof leaves->entries[0]);
  leaves->nent = 100;
  if (ioctl(kvm, KVM_GET_SUPPORTED_CPUID, leaves)) fail("KVM_GET_SUPPORTED_CPUID");
  for (unsigned i = 0; i < leaves->nent; i++) {
    if (leaves->entries[i].function == 1) leaves->entries[i].ecx |= 1U << 31; // a hypervisor
  }
  if (ioctl(cpu, KVM_SET_CPUID2, leaves)) fail("KVM_SET_CPUID2");
}

static int intel(void) {
  unsigned a = 0, b, c, d;
  __asm__("cpuid" : "+a"(a), "=b"(b), "=c"(c), "=d"(d));
  return b == 0x756E6547;
}

// --- a guest without a system

static int rounds(const char *what, unsigned count) {
  unsigned char code[64], *at = code;
  *at++ = 0x66, *at++ = 0xBE; // mov esi, count
  memcpy(at, &count, 4), at += 4;
  unsigned char *again = at;
  memcpy(at, "\x66\x31\xC0", 3), at += 3; // xor eax, eax
  if (!strcmp(what, "cpuid")) {
    memcpy(at, "\x0F\xA2", 2), at += 2;
  } else if (!strcmp(what, "hypercall")) {
    memcpy(at, intel() ? "\x0F\x01\xC1" : "\x0F\x01\xD9", 3), at += 3;
  } else {
    *at++ = 0xE4, *at++ = PIC_MASK; // in al, PIC_MASK
  }
  memcpy(at, "\x66\x4E\x75", 3), at += 3; // dec esi; jnz again
  *at = (unsigned char)(again - (at + 1)), at++;
  memcpy(at, "\x30\xC0\xBA\x02\x04\xEE", 6), at += 6; // xor al, al; mov dx, DONE; out dx, al
  create(SMALL_RAM);
  memcpy(ram + CODE, code, at - code);
  struct kvm_sregs segments;
  ioctl(cpu, KVM_GET_SREGS, &segments);
  segments.cs.base = 0;
  segments.cs.selector = 0;
  ioctl(cpu, KVM_SET_SREGS, &segments);
  struct kvm_regs registers = {.rip = CODE, .rflags = 2, .rsp = 0x8000};
  ioctl(cpu, KVM_SET_REGS, &registers);
  puts("0"); // what follows is measured
  fflush(stdout);
  getchar();
  if (ioctl(cpu, KVM_RUN, 0)) fail("KVM_RUN");
  ioctl(cpu, KVM_GET_REGS, &registers);
  int right = run->exit_reason == KVM_EXIT_IO && run->io.port == DONE && registers.rsi == 0;
  puts(right ? "right" : "wrong");
  return !right;
}

// --- Linux

static unsigned long load(const char *path, unsigned char **bytes) {
  int file = open(path, O_RDONLY);
  struct stat status;
  if (file < 0 || fstat(file, &status)) fail(path);
  *bytes = malloc(status.st_size);
  for (long done = 0; done < status.st_size;) {
    long part = read(file, *bytes + done, status.st_size - done);
    if (part <= 0) fail(path);
    done += part;
  }
  close(file);
  return status.st_size;
}

static void place_kernel(const char *kernel, const char *initrd) {
  static const char words[] =
      "acpi=off pci=off noapic nosmp panic=-1 quiet loglevel=0 tsc=reliable";
  unsigned char *bytes, *parameters = ram + PARAMETERS;
  unsigned long size = load(kernel, &bytes);
  memcpy(parameters + 0x1F1, bytes + 0x1F1, 0x202 + bytes[0x201] - 0x1F1);
  unsigned long setup = (bytes[0x1F1] + 1) * 512UL;
  memcpy(ram + KERNEL, bytes + setup, size - setup);
  size = load(initrd, &bytes);
  memcpy(ram + INITRD, bytes, size);
  parameters[0x210] = 0xFF; // type_of_loader
  parameters[0x211] |= 1;   // loadflags: LOADED_HIGH
  *(unsigned *)(parameters + 0x218) = INITRD;
  *(unsigned *)(parameters + 0x21C) = size;
  *(unsigned *)(parameters + 0x228) = COMMAND_LINE;
  strcpy((char *)ram + COMMAND_LINE, words);
  parameters[0x1E8] = 2; // e820 entries
  unsigned long *map = (unsigned long *)(parameters + 0x2D0);
  map[0] = 0, map[1] = 0x9FC00;
  *(unsigned *)(map + 2) = 1;
  map = (unsigned long *)((unsigned char *)map + 20);
  map[0] = KERNEL, map[1] = LINUX_RAM - KERNEL;
  *(unsigned *)(map + 2) = 1;
}

// Without fast strings Linux takes ERMS back, but not FSRM; its memmove needs both or none.
static void enable_fast_strings(void) {
  struct {
    struct kvm_msrs head;
    struct kvm_msr_entry entry;
  } one = {{.nmsrs = 1}, {.index = IA32_MISC_ENABLE, .data = FAST_STRINGS}};
  if (ioctl(cpu, KVM_SET_MSRS, &one) != 1) fail("KVM_SET_MSRS");
}

static void start_kernel(void) {
  unsigned long *descriptors = (unsigned long *)(ram + DESCRIPTORS);
  descriptors[2] = 0x00CF9B000000FFFFUL;
  descriptors[3] = 0x00CF93000000FFFFUL;
  struct kvm_segment code = {.limit = ~0U, .selector = 16, .type = 11, .present = 1, .db = 1,
                             .s = 1, .g = 1};
  struct kvm_segment data = code;
  data.selector = 24, data.type = 3;
  struct kvm_sregs segments;
  ioctl(cpu, KVM_GET_SREGS, &segments);
  segments.cs = code;
  segments.ds = segments.es = segments.fs = segments.gs = segments.ss = data;
  segments.gdt.base = DESCRIPTORS;
  segments.gdt.limit = 31;
  segments.cr0 |= 1;
  if (ioctl(cpu, KVM_SET_SREGS, &segments)) fail("KVM_SET_SREGS");
  struct kvm_regs registers = {.rip = KERNEL, .rflags = 2, .rsi = PARAMETERS};
  if (ioctl(cpu, KVM_SET_REGS, &registers)) fail("KVM_SET_REGS");
}

static void memory(void) {
  unsigned word = ~0U;
  if (run->mmio.is_write) {
    memcpy(&word, run->mmio.data, 4);
    if (run->mmio.phys_addr == TOLD) {
      printf("%u\n", word);
      fflush(stdout);
    }
  } else {
    char line[32];
    if (run->mmio.phys_addr == ASKED) {
      if (!fgets(line, sizeof line, stdin)) exit(0);
      word = atoi(line);
    }
    memset(run->mmio.data, 0xFF, 8);
    memcpy(run->mmio.data, &word, 4);
  }
}

static void port(void) {
  unsigned char *data = (unsigned char *)run + run->io.data_offset;
  if (run->io.direction == KVM_EXIT_IO_IN) memset(data, 0xFF, run->io.size * run->io.count);
}

static int linux_guest(const char *kernel, const char *initrd) {
  create(LINUX_RAM);
  place_kernel(kernel, initrd);
  if (intel()) enable_fast_strings();
  start_kernel();
  while (ioctl(cpu, KVM_RUN, 0) == 0) {
    switch (run->exit_reason) {
      case KVM_EXIT_IO:
        port();
        break;
      case KVM_EXIT_MMIO:
        memory();
        break;
      default:
        printf("exit %d\n", run->exit_reason);
        return 1;
    }
  }
  fail("KVM_RUN");
  return 1;
}

int main(int count, char **words) {
  if (count == 4 && !strcmp(words[1], "rounds")) return rounds(words[2], atoi(words[3]));
  if (count == 4 && !strcmp(words[1], "linux")) return linux_guest(words[2], words[3]);
  return 2;
}
