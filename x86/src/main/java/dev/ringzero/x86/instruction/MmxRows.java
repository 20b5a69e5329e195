package dev.ringzero.x86.instruction;

/** MMX, its extensions up to SSSE3, and conversions between MMX and XMM registers. */
final class MmxRows {
  static final String ROWS =
      """
      @ user mmx +MMX
      NP 0F 6E /r       | MOVD Pq,Ed
      NP REX.W 0F 6E /r | MOVQ Pq,Eq
      NP 0F 7E /r       | MOVD Ed,Pq
      NP REX.W 0F 7E /r | MOVQ Eq,Pq
      NP 0F 6F /r       | MOVQ Pq,Qq
      NP 0F 7F /r       | MOVQ Qq,Pq
      NP 0F 77          | EMMS
      NP 0F 60 /r       | PUNPCKLBW Pq:rw,Nq/Qd
      NP 0F 61 /r       | PUNPCKLWD Pq:rw,Nq/Qd
      NP 0F 62 /r       | PUNPCKLDQ Pq:rw,Nq/Qd
      NP 0F 63 /r       | PACKSSWB Pq:rw,Qq
      NP 0F 64 /r       | PCMPGTB Pq:rw,Qq
      NP 0F 65 /r       | PCMPGTW Pq:rw,Qq
      NP 0F 66 /r       | PCMPGTD Pq:rw,Qq
      NP 0F 67 /r       | PACKUSWB Pq:rw,Qq
      NP 0F 68 /r       | PUNPCKHBW Pq:rw,Qq
      NP 0F 69 /r       | PUNPCKHWD Pq:rw,Qq
      NP 0F 6A /r       | PUNPCKHDQ Pq:rw,Qq
      NP 0F 6B /r       | PACKSSDW Pq:rw,Qq
      NP 0F 74 /r       | PCMPEQB Pq:rw,Qq
      NP 0F 75 /r       | PCMPEQW Pq:rw,Qq
      NP 0F 76 /r       | PCMPEQD Pq:rw,Qq
      NP 0F D4 /r       | PADDQ Pq:rw,Qq   |  | +SSE2
      NP 0F D5 /r       | PMULLW Pq:rw,Qq
      NP 0F D8 /r       | PSUBUSB Pq:rw,Qq
      NP 0F D9 /r       | PSUBUSW Pq:rw,Qq
      NP 0F DA /r       | PMINUB Pq:rw,Qq  |  | +SSE
      NP 0F DB /r       | PAND Pq:rw,Qq
      NP 0F DC /r       | PADDUSB Pq:rw,Qq
      NP 0F DD /r       | PADDUSW Pq:rw,Qq
      NP 0F DE /r       | PMAXUB Pq:rw,Qq  |  | +SSE
      NP 0F DF /r       | PANDN Pq:rw,Qq
      NP 0F E0 /r       | PAVGB Pq:rw,Qq   |  | +SSE
      NP 0F E3 /r       | PAVGW Pq:rw,Qq   |  | +SSE
      NP 0F E4 /r       | PMULHUW Pq:rw,Qq |  | +SSE
      NP 0F E5 /r       | PMULHW Pq:rw,Qq
      NP 0F E8 /r       | PSUBSB Pq:rw,Qq
      NP 0F E9 /r       | PSUBSW Pq:rw,Qq
      NP 0F EA /r       | PMINSW Pq:rw,Qq  |  | +SSE
      NP 0F EB /r       | POR Pq:rw,Qq
      NP 0F EC /r       | PADDSB Pq:rw,Qq
      NP 0F ED /r       | PADDSW Pq:rw,Qq
      NP 0F EE /r       | PMAXSW Pq:rw,Qq  |  | +SSE
      NP 0F EF /r       | PXOR Pq:rw,Qq
      NP 0F F4 /r       | PMULUDQ Pq:rw,Qq |  | +SSE2
      NP 0F F5 /r       | PMADDWD Pq:rw,Qq
      NP 0F F6 /r       | PSADBW Pq:rw,Qq  |  | +SSE
      NP 0F F8 /r       | PSUBB Pq:rw,Qq
      NP 0F F9 /r       | PSUBW Pq:rw,Qq
      NP 0F FA /r       | PSUBD Pq:rw,Qq
      NP 0F FB /r       | PSUBQ Pq:rw,Qq   |  | +SSE2
      NP 0F FC /r       | PADDB Pq:rw,Qq
      NP 0F FD /r       | PADDW Pq:rw,Qq
      NP 0F FE /r       | PADDD Pq:rw,Qq
      NP 0F D1 /r       | PSRLW Pq:rw,Qq
      NP 0F D2 /r       | PSRLD Pq:rw,Qq
      NP 0F D3 /r       | PSRLQ Pq:rw,Qq
      NP 0F E1 /r       | PSRAW Pq:rw,Qq
      NP 0F E2 /r       | PSRAD Pq:rw,Qq
      NP 0F F1 /r       | PSLLW Pq:rw,Qq
      NP 0F F2 /r       | PSLLD Pq:rw,Qq
      NP 0F F3 /r       | PSLLQ Pq:rw,Qq
      NP 0F 71 /2 ib    | PSRLW Nq:rw,Ib
      NP 0F 71 /4 ib    | PSRAW Nq:rw,Ib
      NP 0F 71 /6 ib    | PSLLW Nq:rw,Ib
      NP 0F 72 /2 ib    | PSRLD Nq:rw,Ib
      NP 0F 72 /4 ib    | PSRAD Nq:rw,Ib
      NP 0F 72 /6 ib    | PSLLD Nq:rw,Ib
      NP 0F 73 /2 ib    | PSRLQ Nq:rw,Ib
      NP 0F 73 /6 ib    | PSLLQ Nq:rw,Ib
      @ user mmx +SSE
      NP 0F 70 /r ib    | PSHUFW Pq,Qq,Ib
      NP 0F C4 /r ib    | PINSRW Pq:rw,Rd/Mw,Ib
      NP 0F C5 /r ib    | PEXTRW Gd,Nq,Ib
      NP 0F D7 /r       | PMOVMSKB Gd,Nq
      NP 0F E7 /r       | MOVNTQ Mq,Pq
      NP 0F F7 /r       | MASKMOVQ Pq:r,Nq |  | <RDI
      @ user mmx +SSSE3
      NP 0F 38 00 /r    | PSHUFB Pq:rw,Qq
      NP 0F 38 01 /r    | PHADDW Pq:rw,Qq
      NP 0F 38 02 /r    | PHADDD Pq:rw,Qq
      NP 0F 38 03 /r    | PHADDSW Pq:rw,Qq
      NP 0F 38 04 /r    | PMADDUBSW Pq:rw,Qq
      NP 0F 38 05 /r    | PHSUBW Pq:rw,Qq
      NP 0F 38 06 /r    | PHSUBD Pq:rw,Qq
      NP 0F 38 07 /r    | PHSUBSW Pq:rw,Qq
      NP 0F 38 08 /r    | PSIGNB Pq:rw,Qq
      NP 0F 38 09 /r    | PSIGNW Pq:rw,Qq
      NP 0F 38 0A /r    | PSIGND Pq:rw,Qq
      NP 0F 38 0B /r    | PMULHRSW Pq:rw,Qq
      NP 0F 38 1C /r    | PABSB Pq,Qq
      NP 0F 38 1D /r    | PABSW Pq,Qq
      NP 0F 38 1E /r    | PABSD Pq,Qq
      NP 0F 3A 0F /r ib | PALIGNR Pq:rw,Qq,Ib
      @ user mmx sse float
      NP 0F 2A /r       | CVTPI2PS Vq,Qq   |  | +SSE
      66 0F 2A /r       | CVTPI2PD Vdq,Qq  |  | +SSE2
      NP 0F 2C /r       | CVTTPS2PI Pq,Wq  |  | +SSE
      66 0F 2C /r       | CVTTPD2PI Pq,Wdq |  | aligned +SSE2
      NP 0F 2D /r       | CVTPS2PI Pq,Wq   |  | +SSE
      66 0F 2D /r       | CVTPD2PI Pq,Wdq  |  | aligned +SSE2
      @ user mmx sse +SSE2
      F3 0F D6 /r       | MOVQ2DQ Vdq,Nq
      F2 0F D6 /r       | MOVDQ2Q Pq,Uq
      """;

  private MmxRows() {}
}
