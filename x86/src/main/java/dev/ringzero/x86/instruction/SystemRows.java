package dev.ringzero.x86.instruction;

/** System instructions: descriptor tables, control registers, MSRs, caches, VMX and SVM. */
final class SystemRows {
  static final String ROWS =
      """
      @ protected
      63 /r          | ARPL Ew:rw,Gw                      | w:z       | no64
      0F 00 /0       | SLDT Rv/Mw
      0F 00 /1       | STR Rv/Mw
      0F 00 /2       | LLDT Ew:r                          |           | privileged
      0F 00 /3       | LTR Ew:r                           |           | privileged
      0F 00 /4       | VERR Ew:r                          | w:z
      0F 00 /5       | VERW Ew:r                          | w:z
      0F 02 /r       | LAR Gv:rw,Ew                       | w:z
      0F 03 /r       | LSL Gv:rw,Ew                       | w:z
      @ f64
      0F 01 /0       | SGDT Ms
      0F 01 /1       | SIDT Ms
      0F 01 /2       | LGDT Ms:r                          |           | privileged
      0F 01 /3       | LIDT Ms:r                          |           | privileged
      @
      0F 01 /4       | SMSW Rv/Mw
      0F 01 /6       | LMSW Ew:r                          |           | privileged ends
      0F 01 /7       | INVLPG M:r                         |           | privileged ends
      @ privileged ends f64
      0F 20 /r       | MOV Rn,Cn                          |           | =MOV_CR
      0F 22 /r       | MOV Cn,Rn                          |           | =MOV_CR
      0F 21 /r       | MOV Rn,Dn                          |           | =MOV_DR
      0F 23 /r       | MOV Dn,Rn                          |           | =MOV_DR
      @ privileged ends
      0F 06          | CLTS
      0F 08          | INVD                               |           | serializing
      0F 09          | WBINVD                             |           | serializing
      F3 0F 09       | WBNOINVD                           |           | +WBNOINVD
      0F 30          | WRMSR                              |           | serializing <RAX,RCX,RDX
      0F 32          | RDMSR                              |           | <RCX >RAX,RDX
      66 0F 38 82 /r | INVPCID Gn:r,Mdq                   |           | serializing f64 +INVPCID
      0F 01 F8       | SWAPGS                             |           | only64
      NP 0F 01 CA    | CLAC                               |           | +SMAP
      NP 0F 01 CB    | STAC                               |           | +SMAP
      NP 0F 01 D1    | XSETBV                             |           | +XSAVE <RAX,RCX,RDX
      NP 0F 01 C8    | MONITOR                            |           | +MONITOR <RAX,RCX,RDX
      NP 0F 01 C9    | MWAIT                              |           | +MONITOR <RAX,RCX
      0F AA          | RSM                                | w:oszapc
      @ ends
      0F 05          | SYSCALL                            | w:oszapcd | branch >RCX,R11
      0F 07          | SYSRET/SYSRET/SYSRETQ              | w:oszapcd | branch privileged protected <RCX,R11
      0F 34          | SYSENTER                           |           | branch protected +SEP >RSP
      0F 35          | SYSEXIT/SYSEXIT/SYSEXITQ           |           | branch privileged protected +SEP <RCX,RDX >RSP
      0F A2          | CPUID                              |           | serializing <RAX,RCX >RAX,RBX,RCX,RDX
      0F 31          | RDTSC                              |           | >RAX,RDX
      0F 33          | RDPMC                              |           | <RCX >RAX,RDX
      0F 01 F9       | RDTSCP                             |           | +RDTSCP >RAX,RCX,RDX
      NP 0F 01 D0    | XGETBV                             |           | +XSAVE <RCX >RAX,RDX
      NP 0F 01 E8    | SERIALIZE                          |           | serializing +SERIALIZE
      NP 0F 01 EE    | RDPKRU                             |           | +PKU <RCX >RAX,RDX
      NP 0F 01 EF    | WRPKRU                             |           | +PKU <RAX,RCX,RDX
      0F 0B          | UD2                                |           | branch
      0F B9 /r       | UD1 Gd:r,Ed                        |           | branch
      0F FF /r       | UD0 Gd:r,Ed                        |           | branch
      @
      NFx 0F C7 /6   | RDRAND Rv                          | w:oszapc  | register +RDRAND
      NFx 0F C7 /7   | RDSEED Rv                          | w:oszapc  | register +RDSEED
      F3 0F C7 /7    | RDPID Rn                           |           | +RDPID f64
      F3 0F AE /0    | RDFSBASE Ry                        |           | only64 +FSGSBASE
      F3 0F AE /1    | RDGSBASE Ry                        |           | only64 +FSGSBASE
      F3 0F AE /2    | WRFSBASE Ry:r                      |           | only64 +FSGSBASE
      F3 0F AE /3    | WRGSBASE Ry:r                      |           | only64 +FSGSBASE
      NP 0F AE /7    | CLFLUSH M:r                        |           | memory +CLFSH
      66 0F AE /7    | CLFLUSHOPT M:r                     |           | memory +CLFLUSHOPT
      66 0F AE /6    | CLWB M:r                           |           | memory +CLWB
      @ user
      NP 0F AE /5    | LFENCE                             |           | register +SSE2
      NP 0F AE /6    | MFENCE                             |           | register +SSE2
      NP 0F AE /7    | SFENCE                             |           | register +SSE
      @
      NP 0F AE /0    | FXSAVE/FXSAVE/FXSAVE64 Mi          |           | +FXSR
      NP 0F AE /1    | FXRSTOR/FXRSTOR/FXRSTOR64 Mi:r     |           | +FXSR
      NP 0F AE /4    | XSAVE/XSAVE/XSAVE64 Mi:rw          |           | +XSAVE <RAX,RDX
      NP 0F AE /5    | XRSTOR/XRSTOR/XRSTOR64 Mi:r        |           | +XSAVE <RAX,RDX
      NP 0F AE /6    | XSAVEOPT/XSAVEOPT/XSAVEOPT64 Mi:rw |           | +XSAVEOPT <RAX,RDX
      NP 0F C7 /4    | XSAVEC/XSAVEC/XSAVEC64 Mi          |           | +XSAVEC <RAX,RDX
      NP 0F C7 /5    | XSAVES/XSAVES/XSAVES64 Mi          |           | privileged +XSAVES <RAX,RDX
      NP 0F C7 /3    | XRSTORS/XRSTORS/XRSTORS64 Mi:r     |           | privileged +XSAVES <RAX,RDX
      @ sse
      NP 0F AE /2    | LDMXCSR Md:r                       |           | +SSE
      NP 0F AE /3    | STMXCSR Md                         |           | +SSE
      @ ends protected +VMX
      NP 0F 01 C1    | VMCALL
      NP 0F 01 C2    | VMLAUNCH                           | w:oszapc  | privileged
      NP 0F 01 C3    | VMRESUME                           | w:oszapc  | privileged
      NP 0F 01 C4    | VMXOFF                             | w:oszapc  | privileged
      NP 0F 01 D4    | VMFUNC                             |           | <RAX,RCX
      NP 0F C7 /6    | VMPTRLD Mq:r                       | w:oszapc  | privileged
      66 0F C7 /6    | VMCLEAR Mq:r                       | w:oszapc  | privileged
      F3 0F C7 /6    | VMXON Mq:r                         | w:oszapc  | privileged
      NP 0F C7 /7    | VMPTRST Mq                         | w:oszapc  | privileged
      NP 0F 78 /r    | VMREAD En,Gn                       | w:oszapc  | privileged f64
      NP 0F 79 /r    | VMWRITE Gn:r,En                    | w:oszapc  | privileged f64
      66 0F 38 80 /r | INVEPT Gn:r,Mdq                    | w:oszapc  | privileged f64
      66 0F 38 81 /r | INVVPID Gn:r,Mdq                   | w:oszapc  | privileged f64
      @ ends protected +SVM
      0F 01 D8       | VMRUN                              |           | privileged <RAX
      0F 01 D9       | VMMCALL
      0F 01 DA       | VMLOAD                             |           | privileged <RAX
      0F 01 DB       | VMSAVE                             |           | privileged <RAX
      0F 01 DC       | STGI                               |           | privileged
      0F 01 DD       | CLGI                               |           | privileged
      0F 01 DE       | SKINIT                             |           | privileged <RAX
      0F 01 DF       | INVLPGA                            |           | privileged <RAX,RCX
      """;

  private SystemRows() {}
}
