// A monitor on /dev/kvm, whose guest counts in its memory without end and tells every 65536. What it
// has told goes to the file that is named.
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define CODE 0x1000
#define COUNT 0x2000
#define STEP 0x10000u

static const unsigned char program[] = {
    0x66, 0xFF, 0x06, 0x00, 0x20,                         // again: inc dword [COUNT]
    0x66, 0xF7, 0x06, 0x00, 0x20, 0xFF, 0xFF, 0x00, 0x00, // test dword [COUNT], 0xFFFF
    0x75, 0xF0,                                           // jnz again
    0xE6, 0x10,                                           // out 0x10, al
    0xEB, 0xEC,                                           // jmp again
};

static int fail(int file, const char *what) {
  dprintf(file, "WRONG: %s\n", what);
  return 1;
}

int main(int count, char **words) {
  int file = open(words[1], O_RDWR | O_CREAT | O_TRUNC, 0600);
  int kvm = open("/dev/kvm", O_RDWR);
  if (kvm < 0) return fail(file, "/dev/kvm");
  int vm = ioctl(kvm, KVM_CREATE_VM, 0);
  if (vm < 0) return fail(file, "KVM_CREATE_VM");
  ioctl(vm, KVM_SET_TSS_ADDR, 0xFFFBD000UL);
  unsigned char *ram = mmap(0, 0xF000, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  memcpy(ram + CODE, program, sizeof program);
  struct kvm_userspace_memory_region region = {0, 0, 0, 0xF000, (unsigned long)ram};
  if (ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region)) return fail(file, "memory");
  int cpu = ioctl(vm, KVM_CREATE_VCPU, 0);
  if (cpu < 0) return fail(file, "KVM_CREATE_VCPU");
  struct kvm_run *run =
      mmap(0, ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), PROT_READ | PROT_WRITE, MAP_SHARED, cpu, 0);
  struct kvm_sregs segments;
  ioctl(cpu, KVM_GET_SREGS, &segments);
  segments.cs.base = 0;
  segments.cs.selector = 0;
  ioctl(cpu, KVM_SET_SREGS, &segments);
  struct kvm_regs registers = {.rip = CODE, .rflags = 2, .rsp = 0x8000};
  ioctl(cpu, KVM_SET_REGS, &registers);
  for (unsigned told = 1; ioctl(cpu, KVM_RUN, 0) == 0; told++) {
    if (run->exit_reason != KVM_EXIT_IO) return fail(file, "another exit");
    if (*(unsigned *)(ram + COUNT) != told * STEP) return fail(file, "the count");
    char text[16];
    int length = snprintf(text, sizeof text, "%010u\n", told);
    if (pwrite(file, text, length, 0) != length) return 1;
  }
  return fail(file, "KVM_RUN");
}
