package dev.ringzero.x86.instruction;

/** SSE to SSE4.2, AES, PCLMULQDQ and SHA, legacy encoded. */
final class SseRows {
  static final String ROWS =
      """
      @ user sse
      NP 0F 58 /r             | ADDPS Vx:rw,Wx         |          | float aligned +SSE
      66 0F 58 /r             | ADDPD Vx:rw,Wx         |          | float aligned +SSE2
      F3 0F 58 /r             | ADDSS Vss:rw,Wss       |          | float +SSE
      F2 0F 58 /r             | ADDSD Vsd:rw,Wsd       |          | float +SSE2
      NP 0F 59 /r             | MULPS Vx:rw,Wx         |          | float aligned +SSE
      66 0F 59 /r             | MULPD Vx:rw,Wx         |          | float aligned +SSE2
      F3 0F 59 /r             | MULSS Vss:rw,Wss       |          | float +SSE
      F2 0F 59 /r             | MULSD Vsd:rw,Wsd       |          | float +SSE2
      NP 0F 5C /r             | SUBPS Vx:rw,Wx         |          | float aligned +SSE
      66 0F 5C /r             | SUBPD Vx:rw,Wx         |          | float aligned +SSE2
      F3 0F 5C /r             | SUBSS Vss:rw,Wss       |          | float +SSE
      F2 0F 5C /r             | SUBSD Vsd:rw,Wsd       |          | float +SSE2
      NP 0F 5E /r             | DIVPS Vx:rw,Wx         |          | float aligned +SSE
      66 0F 5E /r             | DIVPD Vx:rw,Wx         |          | float aligned +SSE2
      F3 0F 5E /r             | DIVSS Vss:rw,Wss       |          | float +SSE
      F2 0F 5E /r             | DIVSD Vsd:rw,Wsd       |          | float +SSE2
      NP 0F 5D /r             | MINPS Vx:rw,Wx         |          | float aligned +SSE
      66 0F 5D /r             | MINPD Vx:rw,Wx         |          | float aligned +SSE2
      F3 0F 5D /r             | MINSS Vss:rw,Wss       |          | float +SSE
      F2 0F 5D /r             | MINSD Vsd:rw,Wsd       |          | float +SSE2
      NP 0F 5F /r             | MAXPS Vx:rw,Wx         |          | float aligned +SSE
      66 0F 5F /r             | MAXPD Vx:rw,Wx         |          | float aligned +SSE2
      F3 0F 5F /r             | MAXSS Vss:rw,Wss       |          | float +SSE
      F2 0F 5F /r             | MAXSD Vsd:rw,Wsd       |          | float +SSE2
      NP 0F 51 /r             | SQRTPS Vx,Wx           |          | float aligned +SSE
      66 0F 51 /r             | SQRTPD Vx,Wx           |          | float aligned +SSE2
      F3 0F 51 /r             | SQRTSS Vss,Wss         |          | float +SSE
      F2 0F 51 /r             | SQRTSD Vsd,Wsd         |          | float +SSE2
      NP 0F 52 /r             | RSQRTPS Vx,Wx          |          | aligned +SSE
      F3 0F 52 /r             | RSQRTSS Vss,Wss        |          | +SSE
      NP 0F 53 /r             | RCPPS Vx,Wx            |          | aligned +SSE
      F3 0F 53 /r             | RCPSS Vss,Wss          |          | +SSE
      NP 0F 54 /r             | ANDPS Vx:rw,Wx         |          | aligned +SSE
      66 0F 54 /r             | ANDPD Vx:rw,Wx         |          | aligned +SSE2
      NP 0F 55 /r             | ANDNPS Vx:rw,Wx        |          | aligned +SSE
      66 0F 55 /r             | ANDNPD Vx:rw,Wx        |          | aligned +SSE2
      NP 0F 56 /r             | ORPS Vx:rw,Wx          |          | aligned +SSE
      66 0F 56 /r             | ORPD Vx:rw,Wx          |          | aligned +SSE2
      NP 0F 57 /r             | XORPS Vx:rw,Wx         |          | aligned +SSE
      66 0F 57 /r             | XORPD Vx:rw,Wx         |          | aligned +SSE2
      NP 0F 14 /r             | UNPCKLPS Vx:rw,Wx      |          | aligned +SSE
      66 0F 14 /r             | UNPCKLPD Vx:rw,Wx      |          | aligned +SSE2
      NP 0F 15 /r             | UNPCKHPS Vx:rw,Wx      |          | aligned +SSE
      66 0F 15 /r             | UNPCKHPD Vx:rw,Wx      |          | aligned +SSE2
      NP 0F C2 /r ib          | CMPPS Vx:rw,Wx,Ib      |          | float aligned +SSE
      66 0F C2 /r ib          | CMPPD Vx:rw,Wx,Ib      |          | float aligned +SSE2
      F3 0F C2 /r ib          | CMPSS Vss:rw,Wss,Ib    |          | float +SSE
      F2 0F C2 /r ib          | CMPSD Vsd:rw,Wsd,Ib    |          | float +SSE2
      NP 0F C6 /r ib          | SHUFPS Vx:rw,Wx,Ib     |          | aligned +SSE
      66 0F C6 /r ib          | SHUFPD Vx:rw,Wx,Ib     |          | aligned +SSE2
      NP 0F 2E /r             | UCOMISS Vss:r,Wss      | w:oszapc | float +SSE
      66 0F 2E /r             | UCOMISD Vsd:r,Wsd      | w:oszapc | float +SSE2
      NP 0F 2F /r             | COMISS Vss:r,Wss       | w:oszapc | float +SSE
      66 0F 2F /r             | COMISD Vsd:r,Wsd       | w:oszapc | float +SSE2
      66 0F 7C /r             | HADDPD Vx:rw,Wx        |          | float aligned +SSE3
      F2 0F 7C /r             | HADDPS Vx:rw,Wx        |          | float aligned +SSE3
      66 0F 7D /r             | HSUBPD Vx:rw,Wx        |          | float aligned +SSE3
      F2 0F 7D /r             | HSUBPS Vx:rw,Wx        |          | float aligned +SSE3
      66 0F D0 /r             | ADDSUBPD Vx:rw,Wx      |          | float aligned +SSE3
      F2 0F D0 /r             | ADDSUBPS Vx:rw,Wx      |          | float aligned +SSE3
      NP 0F 5A /r             | CVTPS2PD Vx,Wq         |          | float +SSE2
      66 0F 5A /r             | CVTPD2PS Vdq,Wx        |          | float aligned +SSE2
      F3 0F 5A /r             | CVTSS2SD Vsd,Wss       |          | float +SSE2
      F2 0F 5A /r             | CVTSD2SS Vss,Wsd       |          | float +SSE2
      NP 0F 5B /r             | CVTDQ2PS Vx,Wx         |          | float aligned +SSE2
      66 0F 5B /r             | CVTPS2DQ Vx,Wx         |          | float aligned +SSE2
      F3 0F 5B /r             | CVTTPS2DQ Vx,Wx        |          | float aligned +SSE2
      66 0F E6 /r             | CVTTPD2DQ Vdq,Wx       |          | float aligned +SSE2
      F3 0F E6 /r             | CVTDQ2PD Vx,Wq         |          | +SSE2
      F2 0F E6 /r             | CVTPD2DQ Vdq,Wx        |          | float aligned +SSE2
      F3 0F 2A /r             | CVTSI2SS Vss,Ey        |          | float +SSE
      F2 0F 2A /r             | CVTSI2SD Vsd,Ey        |          | float +SSE2
      F3 0F 2C /r             | CVTTSS2SI Gy,Wss       |          | float +SSE
      F2 0F 2C /r             | CVTTSD2SI Gy,Wsd       |          | float +SSE2
      F3 0F 2D /r             | CVTSS2SI Gy,Wss        |          | float +SSE
      F2 0F 2D /r             | CVTSD2SI Gy,Wsd        |          | float +SSE2
      NP 0F 10 /r             | MOVUPS Vx,Wx           |          | +SSE
      NP 0F 11 /r             | MOVUPS Wx,Vx           |          | +SSE
      NP 0F 28 /r             | MOVAPS Vx,Wx           |          | aligned +SSE
      NP 0F 29 /r             | MOVAPS Wx,Vx           |          | aligned +SSE
      NP 0F 2B /r             | MOVNTPS Mx,Vx          |          | aligned +SSE
      NP 0F 50 /r             | MOVMSKPS Gy,Ux         |          | +SSE
      66 0F 10 /r             | MOVUPD Vx,Wx           |          | +SSE2
      66 0F 11 /r             | MOVUPD Wx,Vx           |          | +SSE2
      66 0F 28 /r             | MOVAPD Vx,Wx           |          | aligned +SSE2
      66 0F 29 /r             | MOVAPD Wx,Vx           |          | aligned +SSE2
      66 0F 2B /r             | MOVNTPD Mx,Vx          |          | aligned +SSE2
      66 0F 50 /r             | MOVMSKPD Gy,Ux         |          | +SSE2
      F3 0F 10 /r             | MOVSS Vdq,Md           |          | +SSE
      F3 0F 10 /r             | MOVSS Vd,Ud            |          | +SSE
      F3 0F 11 /r             | MOVSS Md,Vd            |          | +SSE
      F3 0F 11 /r             | MOVSS Ud,Vd            |          | +SSE
      F2 0F 10 /r             | MOVSD Vdq,Mq           |          | +SSE2
      F2 0F 10 /r             | MOVSD Vq,Uq            |          | +SSE2
      F2 0F 11 /r             | MOVSD Mq,Vq            |          | +SSE2
      F2 0F 11 /r             | MOVSD Uq,Vq            |          | +SSE2
      NP 0F 12 /r             | MOVLPS Vq,Mq           |          | +SSE
      NP 0F 12 /r             | MOVHLPS Vq,Udq         |          | +SSE
      66 0F 12 /r             | MOVLPD Vq,Mq           |          | +SSE2
      NP 0F 13 /r             | MOVLPS Mq,Vq           |          | +SSE
      66 0F 13 /r             | MOVLPD Mq,Vq           |          | +SSE2
      NP 0F 16 /r             | MOVHPS Vdq:rw,Mq       |          | +SSE
      NP 0F 16 /r             | MOVLHPS Vdq:rw,Uq      |          | +SSE
      66 0F 16 /r             | MOVHPD Vdq:rw,Mq       |          | +SSE2
      NP 0F 17 /r             | MOVHPS Mq,Vdq          |          | +SSE
      66 0F 17 /r             | MOVHPD Mq,Vdq          |          | +SSE2
      F3 0F 12 /r             | MOVSLDUP Vx,Wx         |          | aligned +SSE3
      F3 0F 16 /r             | MOVSHDUP Vx,Wx         |          | aligned +SSE3
      F2 0F 12 /r             | MOVDDUP Vdq,Wq         |          | +SSE3
      66 0F 6E /r             | MOVD Vdq,Ed            |          | +SSE2
      66 REX.W 0F 6E /r       | MOVQ Vdq,Eq            |          | +SSE2
      66 0F 7E /r             | MOVD Ed,Vd             |          | +SSE2
      66 REX.W 0F 7E /r       | MOVQ Eq,Vq             |          | +SSE2
      F3 0F 7E /r             | MOVQ Vdq,Wq            |          | +SSE2
      66 0F D6 /r             | MOVQ Udq/Mq,Vq         |          | +SSE2
      66 0F 6F /r             | MOVDQA Vx,Wx           |          | aligned +SSE2
      66 0F 7F /r             | MOVDQA Wx,Vx           |          | aligned +SSE2
      F3 0F 6F /r             | MOVDQU Vx,Wx           |          | +SSE2
      F3 0F 7F /r             | MOVDQU Wx,Vx           |          | +SSE2
      F2 0F F0 /r             | LDDQU Vx,Mx            |          | +SSE3
      66 0F E7 /r             | MOVNTDQ Mx,Vx          |          | aligned +SSE2
      66 0F F7 /r             | MASKMOVDQU Vdq:r,Udq   |          | +SSE2 <RDI
      66 0F 60 /r             | PUNPCKLBW Vx:rw,Wx     |          | aligned +SSE2
      66 0F 61 /r             | PUNPCKLWD Vx:rw,Wx     |          | aligned +SSE2
      66 0F 62 /r             | PUNPCKLDQ Vx:rw,Wx     |          | aligned +SSE2
      66 0F 63 /r             | PACKSSWB Vx:rw,Wx      |          | aligned +SSE2
      66 0F 64 /r             | PCMPGTB Vx:rw,Wx       |          | aligned +SSE2
      66 0F 65 /r             | PCMPGTW Vx:rw,Wx       |          | aligned +SSE2
      66 0F 66 /r             | PCMPGTD Vx:rw,Wx       |          | aligned +SSE2
      66 0F 67 /r             | PACKUSWB Vx:rw,Wx      |          | aligned +SSE2
      66 0F 68 /r             | PUNPCKHBW Vx:rw,Wx     |          | aligned +SSE2
      66 0F 69 /r             | PUNPCKHWD Vx:rw,Wx     |          | aligned +SSE2
      66 0F 6A /r             | PUNPCKHDQ Vx:rw,Wx     |          | aligned +SSE2
      66 0F 6B /r             | PACKSSDW Vx:rw,Wx      |          | aligned +SSE2
      66 0F 74 /r             | PCMPEQB Vx:rw,Wx       |          | aligned +SSE2
      66 0F 75 /r             | PCMPEQW Vx:rw,Wx       |          | aligned +SSE2
      66 0F 76 /r             | PCMPEQD Vx:rw,Wx       |          | aligned +SSE2
      66 0F D4 /r             | PADDQ Vx:rw,Wx         |          | aligned +SSE2
      66 0F D5 /r             | PMULLW Vx:rw,Wx        |          | aligned +SSE2
      66 0F D8 /r             | PSUBUSB Vx:rw,Wx       |          | aligned +SSE2
      66 0F D9 /r             | PSUBUSW Vx:rw,Wx       |          | aligned +SSE2
      66 0F DA /r             | PMINUB Vx:rw,Wx        |          | aligned +SSE2
      66 0F DB /r             | PAND Vx:rw,Wx          |          | aligned +SSE2
      66 0F DC /r             | PADDUSB Vx:rw,Wx       |          | aligned +SSE2
      66 0F DD /r             | PADDUSW Vx:rw,Wx       |          | aligned +SSE2
      66 0F DE /r             | PMAXUB Vx:rw,Wx        |          | aligned +SSE2
      66 0F DF /r             | PANDN Vx:rw,Wx         |          | aligned +SSE2
      66 0F E0 /r             | PAVGB Vx:rw,Wx         |          | aligned +SSE2
      66 0F E3 /r             | PAVGW Vx:rw,Wx         |          | aligned +SSE2
      66 0F E4 /r             | PMULHUW Vx:rw,Wx       |          | aligned +SSE2
      66 0F E5 /r             | PMULHW Vx:rw,Wx        |          | aligned +SSE2
      66 0F E8 /r             | PSUBSB Vx:rw,Wx        |          | aligned +SSE2
      66 0F E9 /r             | PSUBSW Vx:rw,Wx        |          | aligned +SSE2
      66 0F EA /r             | PMINSW Vx:rw,Wx        |          | aligned +SSE2
      66 0F EB /r             | POR Vx:rw,Wx           |          | aligned +SSE2
      66 0F EC /r             | PADDSB Vx:rw,Wx        |          | aligned +SSE2
      66 0F ED /r             | PADDSW Vx:rw,Wx        |          | aligned +SSE2
      66 0F EE /r             | PMAXSW Vx:rw,Wx        |          | aligned +SSE2
      66 0F EF /r             | PXOR Vx:rw,Wx          |          | aligned +SSE2
      66 0F F4 /r             | PMULUDQ Vx:rw,Wx       |          | aligned +SSE2
      66 0F F5 /r             | PMADDWD Vx:rw,Wx       |          | aligned +SSE2
      66 0F F6 /r             | PSADBW Vx:rw,Wx        |          | aligned +SSE2
      66 0F F8 /r             | PSUBB Vx:rw,Wx         |          | aligned +SSE2
      66 0F F9 /r             | PSUBW Vx:rw,Wx         |          | aligned +SSE2
      66 0F FA /r             | PSUBD Vx:rw,Wx         |          | aligned +SSE2
      66 0F FB /r             | PSUBQ Vx:rw,Wx         |          | aligned +SSE2
      66 0F FC /r             | PADDB Vx:rw,Wx         |          | aligned +SSE2
      66 0F FD /r             | PADDW Vx:rw,Wx         |          | aligned +SSE2
      66 0F FE /r             | PADDD Vx:rw,Wx         |          | aligned +SSE2
      66 0F 6C /r             | PUNPCKLQDQ Vx:rw,Wx    |          | aligned +SSE2
      66 0F 6D /r             | PUNPCKHQDQ Vx:rw,Wx    |          | aligned +SSE2
      66 0F D1 /r             | PSRLW Vx:rw,Wdq        |          | aligned +SSE2
      66 0F D2 /r             | PSRLD Vx:rw,Wdq        |          | aligned +SSE2
      66 0F D3 /r             | PSRLQ Vx:rw,Wdq        |          | aligned +SSE2
      66 0F E1 /r             | PSRAW Vx:rw,Wdq        |          | aligned +SSE2
      66 0F E2 /r             | PSRAD Vx:rw,Wdq        |          | aligned +SSE2
      66 0F F1 /r             | PSLLW Vx:rw,Wdq        |          | aligned +SSE2
      66 0F F2 /r             | PSLLD Vx:rw,Wdq        |          | aligned +SSE2
      66 0F F3 /r             | PSLLQ Vx:rw,Wdq        |          | aligned +SSE2
      66 0F 71 /2 ib          | PSRLW Ux:rw,Ib         |          | +SSE2
      66 0F 71 /4 ib          | PSRAW Ux:rw,Ib         |          | +SSE2
      66 0F 71 /6 ib          | PSLLW Ux:rw,Ib         |          | +SSE2
      66 0F 72 /2 ib          | PSRLD Ux:rw,Ib         |          | +SSE2
      66 0F 72 /4 ib          | PSRAD Ux:rw,Ib         |          | +SSE2
      66 0F 72 /6 ib          | PSLLD Ux:rw,Ib         |          | +SSE2
      66 0F 73 /2 ib          | PSRLQ Ux:rw,Ib         |          | +SSE2
      66 0F 73 /6 ib          | PSLLQ Ux:rw,Ib         |          | +SSE2
      66 0F 73 /3 ib          | PSRLDQ Ux:rw,Ib        |          | +SSE2
      66 0F 73 /7 ib          | PSLLDQ Ux:rw,Ib        |          | +SSE2
      66 0F 70 /r ib          | PSHUFD Vx,Wx,Ib        |          | aligned +SSE2
      F3 0F 70 /r ib          | PSHUFHW Vx,Wx,Ib       |          | aligned +SSE2
      F2 0F 70 /r ib          | PSHUFLW Vx,Wx,Ib       |          | aligned +SSE2
      66 0F C4 /r ib          | PINSRW Vdq:rw,Rd/Mw,Ib |          | +SSE2
      66 0F C5 /r ib          | PEXTRW Gd,Udq,Ib       |          | +SSE2
      66 0F D7 /r             | PMOVMSKB Gd,Ux         |          | +SSE2
      @ user sse aligned +SSSE3
      66 0F 38 00 /r          | PSHUFB Vx:rw,Wx
      66 0F 38 01 /r          | PHADDW Vx:rw,Wx
      66 0F 38 02 /r          | PHADDD Vx:rw,Wx
      66 0F 38 03 /r          | PHADDSW Vx:rw,Wx
      66 0F 38 04 /r          | PMADDUBSW Vx:rw,Wx
      66 0F 38 05 /r          | PHSUBW Vx:rw,Wx
      66 0F 38 06 /r          | PHSUBD Vx:rw,Wx
      66 0F 38 07 /r          | PHSUBSW Vx:rw,Wx
      66 0F 38 08 /r          | PSIGNB Vx:rw,Wx
      66 0F 38 09 /r          | PSIGNW Vx:rw,Wx
      66 0F 38 0A /r          | PSIGND Vx:rw,Wx
      66 0F 38 0B /r          | PMULHRSW Vx:rw,Wx
      66 0F 38 1C /r          | PABSB Vx,Wx
      66 0F 38 1D /r          | PABSW Vx,Wx
      66 0F 38 1E /r          | PABSD Vx,Wx
      66 0F 3A 0F /r ib       | PALIGNR Vx:rw,Wx,Ib
      @ user sse +SSE4_1
      66 0F 38 10 /r          | PBLENDVB Vx:rw,Wx,XMM0 |          | aligned
      66 0F 38 14 /r          | BLENDVPS Vx:rw,Wx,XMM0 |          | aligned
      66 0F 38 15 /r          | BLENDVPD Vx:rw,Wx,XMM0 |          | aligned
      66 0F 38 17 /r          | PTEST Vx:r,Wx          | w:oszapc | aligned
      66 0F 38 20 /r          | PMOVSXBW Vx,Wq
      66 0F 38 30 /r          | PMOVZXBW Vx,Wq
      66 0F 38 21 /r          | PMOVSXBD Vx,Wd
      66 0F 38 31 /r          | PMOVZXBD Vx,Wd
      66 0F 38 22 /r          | PMOVSXBQ Vx,Ww
      66 0F 38 32 /r          | PMOVZXBQ Vx,Ww
      66 0F 38 23 /r          | PMOVSXWD Vx,Wq
      66 0F 38 33 /r          | PMOVZXWD Vx,Wq
      66 0F 38 24 /r          | PMOVSXWQ Vx,Wd
      66 0F 38 34 /r          | PMOVZXWQ Vx,Wd
      66 0F 38 25 /r          | PMOVSXDQ Vx,Wq
      66 0F 38 35 /r          | PMOVZXDQ Vx,Wq
      66 0F 38 28 /r          | PMULDQ Vx:rw,Wx        |          | aligned
      66 0F 38 29 /r          | PCMPEQQ Vx:rw,Wx       |          | aligned
      66 0F 38 2B /r          | PACKUSDW Vx:rw,Wx      |          | aligned
      66 0F 38 37 /r          | PCMPGTQ Vx:rw,Wx       |          | aligned +SSE4_2
      66 0F 38 38 /r          | PMINSB Vx:rw,Wx        |          | aligned
      66 0F 38 39 /r          | PMINSD Vx:rw,Wx        |          | aligned
      66 0F 38 3A /r          | PMINUW Vx:rw,Wx        |          | aligned
      66 0F 38 3B /r          | PMINUD Vx:rw,Wx        |          | aligned
      66 0F 38 3C /r          | PMAXSB Vx:rw,Wx        |          | aligned
      66 0F 38 3D /r          | PMAXSD Vx:rw,Wx        |          | aligned
      66 0F 38 3E /r          | PMAXUW Vx:rw,Wx        |          | aligned
      66 0F 38 3F /r          | PMAXUD Vx:rw,Wx        |          | aligned
      66 0F 38 40 /r          | PMULLD Vx:rw,Wx        |          | aligned
      66 0F 38 2A /r          | MOVNTDQA Vx,Mx         |          | aligned
      66 0F 38 41 /r          | PHMINPOSUW Vdq,Wdq     |          | aligned
      66 0F 3A 08 /r ib       | ROUNDPS Vx,Wx,Ib       |          | float aligned
      66 0F 3A 09 /r ib       | ROUNDPD Vx,Wx,Ib       |          | float aligned
      66 0F 3A 0A /r ib       | ROUNDSS Vss,Wss,Ib     |          | float
      66 0F 3A 0B /r ib       | ROUNDSD Vsd,Wsd,Ib     |          | float
      66 0F 3A 0C /r ib       | BLENDPS Vx:rw,Wx,Ib    |          | aligned
      66 0F 3A 0D /r ib       | BLENDPD Vx:rw,Wx,Ib    |          | aligned
      66 0F 3A 0E /r ib       | PBLENDW Vx:rw,Wx,Ib    |          | aligned
      66 0F 3A 14 /r ib       | PEXTRB Rd/Mb,Vdq,Ib
      66 0F 3A 15 /r ib       | PEXTRW Rd/Mw,Vdq,Ib
      66 0F 3A 16 /r ib       | PEXTRD Ed,Vdq,Ib
      66 REX.W 0F 3A 16 /r ib | PEXTRQ Eq,Vdq,Ib
      66 0F 3A 17 /r ib       | EXTRACTPS Ed,Vdq,Ib
      66 0F 3A 20 /r ib       | PINSRB Vdq:rw,Rd/Mb,Ib
      66 0F 3A 21 /r ib       | INSERTPS Vdq:rw,Udq/Md,Ib
      66 0F 3A 22 /r ib       | PINSRD Vdq:rw,Ed,Ib
      66 REX.W 0F 3A 22 /r ib | PINSRQ Vdq:rw,Eq,Ib
      66 0F 3A 40 /r ib       | DPPS Vx:rw,Wx,Ib       |          | float aligned
      66 0F 3A 41 /r ib       | DPPD Vdq:rw,Wdq,Ib     |          | float aligned
      66 0F 3A 42 /r ib       | MPSADBW Vx:rw,Wx,Ib    |          | aligned
      @ user sse +SSE4_2
      66 0F 3A 60 /r ib       | PCMPESTRM Vdq:r,Wdq,Ib | w:oszapc | <RAX,RDX
      66 0F 3A 61 /r ib       | PCMPESTRI Vdq:r,Wdq,Ib | w:oszapc | <RAX,RDX >RCX
      66 0F 3A 62 /r ib       | PCMPISTRM Vdq:r,Wdq,Ib | w:oszapc
      66 0F 3A 63 /r ib       | PCMPISTRI Vdq:r,Wdq,Ib | w:oszapc | >RCX
      @ user sse aligned +AES
      66 0F 38 DC /r          | AESENC Vx:rw,Wx
      66 0F 38 DD /r          | AESENCLAST Vx:rw,Wx
      66 0F 38 DE /r          | AESDEC Vx:rw,Wx
      66 0F 38 DF /r          | AESDECLAST Vx:rw,Wx
      66 0F 38 DB /r          | AESIMC Vdq,Wdq
      66 0F 3A DF /r ib       | AESKEYGENASSIST Vdq,Wdq,Ib
      @ user sse aligned +PCLMULQDQ
      66 0F 3A 44 /r ib       | PCLMULQDQ Vx:rw,Wx,Ib
      @ user sse aligned +SHA
      NP 0F 38 C8 /r          | SHA1NEXTE Vdq:rw,Wdq
      NP 0F 38 C9 /r          | SHA1MSG1 Vdq:rw,Wdq
      NP 0F 38 CA /r          | SHA1MSG2 Vdq:rw,Wdq
      NP 0F 38 CC /r          | SHA256MSG1 Vdq:rw,Wdq
      NP 0F 38 CD /r          | SHA256MSG2 Vdq:rw,Wdq
      NP 0F 38 CB /r          | SHA256RNDS2 Vdq:rw,Wdq,XMM0
      NP 0F 3A CC /r ib       | SHA1RNDS4 Vdq:rw,Wdq,Ib
      """;

  private SseRows() {}
}
