// A monitor on /dev/kvm, with a guest in real mode that reads and writes a port, executes CPUID,
// writes to memory and to where none is, and halts.
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#define ROUNDS 500
#define CODE 0x1000
#define RESULT 0x2000

static const unsigned char program[] = {
    0xBA, 0x34, 0x12,             // mov dx, 0x1234
    0xBF, 0x00, 0x20,             // mov di, RESULT
    0x66, 0x31, 0xC0,             // xor eax, eax
    0x51,                         // again: push cx
    0x0F, 0xA2,                   // cpuid
    0x59,                         // pop cx
    0xEC,                         // in al, dx
    0x00, 0x05,                   // add [di], al
    0xBA, 0x34, 0x12,             // mov dx, 0x1234
    0xEE,                         // out dx, al
    0x66, 0x31, 0xC0,             // xor eax, eax
    0xE2, 0xF0,                   // loop again
    0xC6, 0x06, 0x00, 0xF0, 0x07, // mov byte [0xF000], 7
    0xF4,                         // hlt
};

static int fail(const char *what) {
  perror(what);
  return 1;
}

int main(void) {
  int kvm = open("/dev/kvm", O_RDWR);
  if (kvm < 0) return fail("/dev/kvm");
  int vm = ioctl(kvm, KVM_CREATE_VM, 0);
  if (vm < 0) return fail("KVM_CREATE_VM");
  ioctl(vm, KVM_SET_TSS_ADDR, 0xFFFBD000UL);
  unsigned char *ram =
      mmap(0, 0xF000, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  memcpy(ram + CODE, program, sizeof program);
  struct kvm_userspace_memory_region region = {0, 0, 0, 0xF000, (unsigned long)ram};
  if (ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region)) return fail("memory");
  int cpu = ioctl(vm, KVM_CREATE_VCPU, 0);
  if (cpu < 0) return fail("KVM_CREATE_VCPU");
  struct kvm_run *run = mmap(0, ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), PROT_READ | PROT_WRITE,
                             MAP_SHARED, cpu, 0);
  struct kvm_sregs segments;
  ioctl(cpu, KVM_GET_SREGS, &segments);
  segments.cs.base = 0;
  segments.cs.selector = 0;
  ioctl(cpu, KVM_SET_SREGS, &segments);
  struct kvm_regs registers = {.rip = CODE, .rflags = 2, .rcx = ROUNDS, .rsp = 0x8000};
  ioctl(cpu, KVM_SET_REGS, &registers);
  int in = 0, out = 0, stored = 0;
  while (ioctl(cpu, KVM_RUN, 0) == 0) {
    unsigned char *data = (unsigned char *)run + run->io.data_offset;
    switch (run->exit_reason) {
      case KVM_EXIT_IO:
        if (run->io.direction == KVM_EXIT_IO_IN) {
          *data = ++in;
        } else {
          out += *data;
        }
        break;
      case KVM_EXIT_MMIO:
        stored = run->mmio.is_write ? run->mmio.data[0] : -1;
        break;
      case KVM_EXIT_HLT:
        printf("in %d out %d memory %d stored %d\n", in, out, ram[RESULT], stored);
        return 0;
      default:
        printf("exit %d\n", run->exit_reason);
        return 1;
    }
  }
  return fail("KVM_RUN");
}
