package dev.ringzero.x86.instruction;

/** The x87 floating-point unit. */
final class X87Rows {
  static final String ROWS =
      """
      @ user x87
      D8 /0   | FADD ST0:rw,Md
      D8 C0+i | FADD ST0:rw,Tt
      DC /0   | FADD ST0:rw,Mq
      DA /0   | FIADD ST0:rw,Md
      DE /0   | FIADD ST0:rw,Mw
      D8 /1   | FMUL ST0:rw,Md
      D8 C8+i | FMUL ST0:rw,Tt
      DC /1   | FMUL ST0:rw,Mq
      DA /1   | FIMUL ST0:rw,Md
      DE /1   | FIMUL ST0:rw,Mw
      D8 /2   | FCOM ST0:r,Md
      D8 D0+i | FCOM ST0:r,Tt
      DC /2   | FCOM ST0:r,Mq
      DA /2   | FICOM ST0:r,Md
      DE /2   | FICOM ST0:r,Mw
      D8 /3   | FCOMP ST0:r,Md
      D8 D8+i | FCOMP ST0:r,Tt
      DC /3   | FCOMP ST0:r,Mq
      DA /3   | FICOMP ST0:r,Md
      DE /3   | FICOMP ST0:r,Mw
      D8 /4   | FSUB ST0:rw,Md
      D8 E0+i | FSUB ST0:rw,Tt
      DC /4   | FSUB ST0:rw,Mq
      DA /4   | FISUB ST0:rw,Md
      DE /4   | FISUB ST0:rw,Mw
      D8 /5   | FSUBR ST0:rw,Md
      D8 E8+i | FSUBR ST0:rw,Tt
      DC /5   | FSUBR ST0:rw,Mq
      DA /5   | FISUBR ST0:rw,Md
      DE /5   | FISUBR ST0:rw,Mw
      D8 /6   | FDIV ST0:rw,Md
      D8 F0+i | FDIV ST0:rw,Tt
      DC /6   | FDIV ST0:rw,Mq
      DA /6   | FIDIV ST0:rw,Md
      DE /6   | FIDIV ST0:rw,Mw
      D8 /7   | FDIVR ST0:rw,Md
      D8 F8+i | FDIVR ST0:rw,Tt
      DC /7   | FDIVR ST0:rw,Mq
      DA /7   | FIDIVR ST0:rw,Md
      DE /7   | FIDIVR ST0:rw,Mw
      DC C0+i | FADD Tt:rw,ST0
      DE C0+i | FADDP Tt:rw,ST0
      DC C8+i | FMUL Tt:rw,ST0
      DE C8+i | FMULP Tt:rw,ST0
      DC E0+i | FSUBR Tt:rw,ST0
      DE E0+i | FSUBRP Tt:rw,ST0
      DC E8+i | FSUB Tt:rw,ST0
      DE E8+i | FSUBP Tt:rw,ST0
      DC F0+i | FDIVR Tt:rw,ST0
      DE F0+i | FDIVRP Tt:rw,ST0
      DC F8+i | FDIV Tt:rw,ST0
      DE F8+i | FDIVP Tt:rw,ST0
      DC D0+i | FCOM ST0:r,Tt
      DC D8+i | FCOMP ST0:r,Tt
      DE D0+i | FCOMP ST0:r,Tt
      DE D9   | FCOMPP
      D9 /0   | FLD Md:r
      DD /0   | FLD Mq:r
      DB /5   | FLD Mt:r
      D9 C0+i | FLD Tt:r
      D9 /2   | FST Md
      DD /2   | FST Mq
      DD D0+i | FST Tt
      D9 /3   | FSTP Md
      DD /3   | FSTP Mq
      DB /7   | FSTP Mt
      DD D8+i | FSTP Tt
      D9 D8+i | FSTPNCE Tt
      DF D0+i | FSTP Tt
      DF D8+i | FSTP Tt
      DF /0   | FILD Mw:r
      DB /0   | FILD Md:r
      DF /5   | FILD Mq:r
      DF /2   | FIST Mw
      DB /2   | FIST Md
      DF /3   | FISTP Mw
      DB /3   | FISTP Md
      DF /7   | FISTP Mq
      DF /1   | FISTTP Mw          |          | +SSE3
      DB /1   | FISTTP Md          |          | +SSE3
      DD /1   | FISTTP Mq          |          | +SSE3
      DF /4   | FBLD Mt:r
      DF /6   | FBSTP Mt
      D9 C8+i | FXCH Tt:rw
      DD C8+i | FXCH Tt:rw
      DF C8+i | FXCH Tt:rw
      D9 D0   | FNOP
      D9 E0   | FCHS
      D9 E1   | FABS
      D9 E4   | FTST
      D9 E5   | FXAM
      D9 E8   | FLD1
      D9 E9   | FLDL2T
      D9 EA   | FLDL2E
      D9 EB   | FLDPI
      D9 EC   | FLDLG2
      D9 ED   | FLDLN2
      D9 EE   | FLDZ
      D9 F0   | F2XM1
      D9 F1   | FYL2X
      D9 F2   | FPTAN
      D9 F3   | FPATAN
      D9 F4   | FXTRACT
      D9 F5   | FPREM1
      D9 F6   | FDECSTP
      D9 F7   | FINCSTP
      D9 F8   | FPREM
      D9 F9   | FYL2XP1
      D9 FA   | FSQRT
      D9 FB   | FSINCOS
      D9 FC   | FRNDINT
      D9 FD   | FSCALE
      D9 FE   | FSIN
      D9 FF   | FCOS
      DD C0+i | FFREE Tt
      DF C0+i | FFREEP Tt
      DD E0+i | FUCOM ST0:r,Tt
      DD E8+i | FUCOMP ST0:r,Tt
      DA E9   | FUCOMPP
      DB F0+i | FCOMI ST0:r,Tt     | w:oszapc | +CMOV
      DF F0+i | FCOMIP ST0:r,Tt    | w:oszapc | +CMOV
      DB E8+i | FUCOMI ST0:r,Tt    | w:oszapc | +CMOV
      DF E8+i | FUCOMIP ST0:r,Tt   | w:oszapc | +CMOV
      DA C0+i | FCMOVB ST0:rw,Tt   | r:c      | +CMOV
      DA C8+i | FCMOVE ST0:rw,Tt   | r:z      | +CMOV
      DA D0+i | FCMOVBE ST0:rw,Tt  | r:cz     | +CMOV
      DA D8+i | FCMOVU ST0:rw,Tt   | r:p      | +CMOV
      DB C0+i | FCMOVNB ST0:rw,Tt  | r:c      | +CMOV
      DB C8+i | FCMOVNE ST0:rw,Tt  | r:z      | +CMOV
      DB D0+i | FCMOVNBE ST0:rw,Tt | r:cz     | +CMOV
      DB D8+i | FCMOVNU ST0:rw,Tt  | r:p      | +CMOV
      D9 /4   | FLDENV Mi:r
      D9 /5   | FLDCW Mw:r
      D9 /6   | FNSTENV Mi
      D9 /7   | FNSTCW Mw
      DD /4   | FRSTOR Mi:r
      DD /6   | FNSAVE Mi
      DD /7   | FNSTSW Mw
      DF E0   | FNSTSW AX
      DB E0   | FNENI
      DB E1   | FNDISI
      DB E2   | FNCLEX
      DB E3   | FNINIT
      DB E4   | FNSETPM
      9B      | FWAIT
      """;

  private X87Rows() {}
}
