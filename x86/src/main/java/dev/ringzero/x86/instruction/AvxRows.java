package dev.ringzero.x86.instruction;

/** AVX, AVX2, F16C, and the VEX forms of AES and PCLMULQDQ. */
final class AvxRows {
  static final String ROWS =
      """
      @ user avx +AVX
      VEX.128/256.0F.WIG 58 /r          | VADDPS Vx,Hx,Wx             |          | float
      VEX.128/256.66.0F.WIG 58 /r       | VADDPD Vx,Hx,Wx             |          | float
      VEX.LIG.F3.0F.WIG 58 /r           | VADDSS Vdq,Hdq,Wss          |          | float
      VEX.LIG.F2.0F.WIG 58 /r           | VADDSD Vdq,Hdq,Wsd          |          | float
      VEX.128/256.0F.WIG 59 /r          | VMULPS Vx,Hx,Wx             |          | float
      VEX.128/256.66.0F.WIG 59 /r       | VMULPD Vx,Hx,Wx             |          | float
      VEX.LIG.F3.0F.WIG 59 /r           | VMULSS Vdq,Hdq,Wss          |          | float
      VEX.LIG.F2.0F.WIG 59 /r           | VMULSD Vdq,Hdq,Wsd          |          | float
      VEX.128/256.0F.WIG 5C /r          | VSUBPS Vx,Hx,Wx             |          | float
      VEX.128/256.66.0F.WIG 5C /r       | VSUBPD Vx,Hx,Wx             |          | float
      VEX.LIG.F3.0F.WIG 5C /r           | VSUBSS Vdq,Hdq,Wss          |          | float
      VEX.LIG.F2.0F.WIG 5C /r           | VSUBSD Vdq,Hdq,Wsd          |          | float
      VEX.128/256.0F.WIG 5E /r          | VDIVPS Vx,Hx,Wx             |          | float
      VEX.128/256.66.0F.WIG 5E /r       | VDIVPD Vx,Hx,Wx             |          | float
      VEX.LIG.F3.0F.WIG 5E /r           | VDIVSS Vdq,Hdq,Wss          |          | float
      VEX.LIG.F2.0F.WIG 5E /r           | VDIVSD Vdq,Hdq,Wsd          |          | float
      VEX.128/256.0F.WIG 5D /r          | VMINPS Vx,Hx,Wx             |          | float
      VEX.128/256.66.0F.WIG 5D /r       | VMINPD Vx,Hx,Wx             |          | float
      VEX.LIG.F3.0F.WIG 5D /r           | VMINSS Vdq,Hdq,Wss          |          | float
      VEX.LIG.F2.0F.WIG 5D /r           | VMINSD Vdq,Hdq,Wsd          |          | float
      VEX.128/256.0F.WIG 5F /r          | VMAXPS Vx,Hx,Wx             |          | float
      VEX.128/256.66.0F.WIG 5F /r       | VMAXPD Vx,Hx,Wx             |          | float
      VEX.LIG.F3.0F.WIG 5F /r           | VMAXSS Vdq,Hdq,Wss          |          | float
      VEX.LIG.F2.0F.WIG 5F /r           | VMAXSD Vdq,Hdq,Wsd          |          | float
      VEX.128/256.0F.WIG 51 /r          | VSQRTPS Vx,Wx               |          | float
      VEX.128/256.66.0F.WIG 51 /r       | VSQRTPD Vx,Wx               |          | float
      VEX.LIG.F3.0F.WIG 51 /r           | VSQRTSS Vdq,Hdq,Wss         |          | float
      VEX.LIG.F2.0F.WIG 51 /r           | VSQRTSD Vdq,Hdq,Wsd         |          | float
      VEX.128/256.0F.WIG 52 /r          | VRSQRTPS Vx,Wx
      VEX.LIG.F3.0F.WIG 52 /r           | VRSQRTSS Vdq,Hdq,Wss
      VEX.128/256.0F.WIG 53 /r          | VRCPPS Vx,Wx
      VEX.LIG.F3.0F.WIG 53 /r           | VRCPSS Vdq,Hdq,Wss
      VEX.128/256.0F.WIG 54 /r          | VANDPS Vx,Hx,Wx
      VEX.128/256.66.0F.WIG 54 /r       | VANDPD Vx,Hx,Wx
      VEX.128/256.0F.WIG 55 /r          | VANDNPS Vx,Hx,Wx
      VEX.128/256.66.0F.WIG 55 /r       | VANDNPD Vx,Hx,Wx
      VEX.128/256.0F.WIG 56 /r          | VORPS Vx,Hx,Wx
      VEX.128/256.66.0F.WIG 56 /r       | VORPD Vx,Hx,Wx
      VEX.128/256.0F.WIG 57 /r          | VXORPS Vx,Hx,Wx
      VEX.128/256.66.0F.WIG 57 /r       | VXORPD Vx,Hx,Wx
      VEX.128/256.0F.WIG 14 /r          | VUNPCKLPS Vx,Hx,Wx
      VEX.128/256.66.0F.WIG 14 /r       | VUNPCKLPD Vx,Hx,Wx
      VEX.128/256.0F.WIG 15 /r          | VUNPCKHPS Vx,Hx,Wx
      VEX.128/256.66.0F.WIG 15 /r       | VUNPCKHPD Vx,Hx,Wx
      VEX.128/256.0F.WIG C2 /r ib       | VCMPPS Vx,Hx,Wx,Ib          |          | float
      VEX.128/256.66.0F.WIG C2 /r ib    | VCMPPD Vx,Hx,Wx,Ib          |          | float
      VEX.LIG.F3.0F.WIG C2 /r ib        | VCMPSS Vdq,Hdq,Wss,Ib       |          | float
      VEX.LIG.F2.0F.WIG C2 /r ib        | VCMPSD Vdq,Hdq,Wsd,Ib       |          | float
      VEX.128/256.0F.WIG C6 /r ib       | VSHUFPS Vx,Hx,Wx,Ib
      VEX.128/256.66.0F.WIG C6 /r ib    | VSHUFPD Vx,Hx,Wx,Ib
      VEX.LIG.0F.WIG 2E /r              | VUCOMISS Vss:r,Wss          | w:oszapc | float
      VEX.LIG.66.0F.WIG 2E /r           | VUCOMISD Vsd:r,Wsd          | w:oszapc | float
      VEX.LIG.0F.WIG 2F /r              | VCOMISS Vss:r,Wss           | w:oszapc | float
      VEX.LIG.66.0F.WIG 2F /r           | VCOMISD Vsd:r,Wsd           | w:oszapc | float
      VEX.128/256.66.0F.WIG 7C /r       | VHADDPD Vx,Hx,Wx            |          | float
      VEX.128/256.F2.0F.WIG 7C /r       | VHADDPS Vx,Hx,Wx            |          | float
      VEX.128/256.66.0F.WIG 7D /r       | VHSUBPD Vx,Hx,Wx            |          | float
      VEX.128/256.F2.0F.WIG 7D /r       | VHSUBPS Vx,Hx,Wx            |          | float
      VEX.128/256.66.0F.WIG D0 /r       | VADDSUBPD Vx,Hx,Wx          |          | float
      VEX.128/256.F2.0F.WIG D0 /r       | VADDSUBPS Vx,Hx,Wx          |          | float
      VEX.128/256.0F.WIG 5A /r          | VCVTPS2PD Vx,Whx            |          | float
      VEX.128/256.66.0F.WIG 5A /r       | VCVTPD2PS Vdq,Wx            |          | float
      VEX.LIG.F3.0F.WIG 5A /r           | VCVTSS2SD Vdq,Hdq,Wss       |          | float
      VEX.LIG.F2.0F.WIG 5A /r           | VCVTSD2SS Vdq,Hdq,Wsd       |          | float
      VEX.128/256.0F.WIG 5B /r          | VCVTDQ2PS Vx,Wx             |          | float
      VEX.128/256.66.0F.WIG 5B /r       | VCVTPS2DQ Vx,Wx             |          | float
      VEX.128/256.F3.0F.WIG 5B /r       | VCVTTPS2DQ Vx,Wx            |          | float
      VEX.128/256.66.0F.WIG E6 /r       | VCVTTPD2DQ Vdq,Wx           |          | float
      VEX.128/256.F3.0F.WIG E6 /r       | VCVTDQ2PD Vx,Whx
      VEX.128/256.F2.0F.WIG E6 /r       | VCVTPD2DQ Vdq,Wx            |          | float
      VEX.LIG.F3.0F 2A /r               | VCVTSI2SS Vdq,Hdq,Ey        |          | float
      VEX.LIG.F2.0F 2A /r               | VCVTSI2SD Vdq,Hdq,Ey        |          | float
      VEX.LIG.F3.0F 2C /r               | VCVTTSS2SI Gy,Wss           |          | float
      VEX.LIG.F2.0F 2C /r               | VCVTTSD2SI Gy,Wsd           |          | float
      VEX.LIG.F3.0F 2D /r               | VCVTSS2SI Gy,Wss            |          | float
      VEX.LIG.F2.0F 2D /r               | VCVTSD2SI Gy,Wsd            |          | float
      VEX.128/256.0F.WIG 10 /r          | VMOVUPS Vx,Wx
      VEX.128/256.0F.WIG 11 /r          | VMOVUPS Wx,Vx
      VEX.128/256.0F.WIG 28 /r          | VMOVAPS Vx,Wx               |          | aligned
      VEX.128/256.0F.WIG 29 /r          | VMOVAPS Wx,Vx               |          | aligned
      VEX.128/256.0F.WIG 2B /r          | VMOVNTPS Mx,Vx              |          | aligned
      VEX.128/256.0F.WIG 50 /r          | VMOVMSKPS Gd,Ux
      VEX.128/256.66.0F.WIG 10 /r       | VMOVUPD Vx,Wx
      VEX.128/256.66.0F.WIG 11 /r       | VMOVUPD Wx,Vx
      VEX.128/256.66.0F.WIG 28 /r       | VMOVAPD Vx,Wx               |          | aligned
      VEX.128/256.66.0F.WIG 29 /r       | VMOVAPD Wx,Vx               |          | aligned
      VEX.128/256.66.0F.WIG 2B /r       | VMOVNTPD Mx,Vx              |          | aligned
      VEX.128/256.66.0F.WIG 50 /r       | VMOVMSKPD Gd,Ux
      VEX.LIG.F3.0F.WIG 10 /r           | VMOVSS Vdq,Md
      VEX.LIG.F3.0F.WIG 10 /r           | VMOVSS Vdq,Hdq,Ud
      VEX.LIG.F3.0F.WIG 11 /r           | VMOVSS Md,Vd
      VEX.LIG.F3.0F.WIG 11 /r           | VMOVSS Udq,Hdq,Vd
      VEX.LIG.F2.0F.WIG 10 /r           | VMOVSD Vdq,Mq
      VEX.LIG.F2.0F.WIG 10 /r           | VMOVSD Vdq,Hdq,Uq
      VEX.LIG.F2.0F.WIG 11 /r           | VMOVSD Mq,Vq
      VEX.LIG.F2.0F.WIG 11 /r           | VMOVSD Udq,Hdq,Vq
      VEX.128.0F.WIG 12 /r              | VMOVLPS Vdq,Hdq,Mq
      VEX.128.0F.WIG 12 /r              | VMOVHLPS Vdq,Hdq,Udq
      VEX.128.66.0F.WIG 12 /r           | VMOVLPD Vdq,Hdq,Mq
      VEX.128.0F.WIG 13 /r              | VMOVLPS Mq,Vq
      VEX.128.66.0F.WIG 13 /r           | VMOVLPD Mq,Vq
      VEX.128.0F.WIG 16 /r              | VMOVHPS Vdq,Hdq,Mq
      VEX.128.0F.WIG 16 /r              | VMOVLHPS Vdq,Hdq,Uq
      VEX.128.66.0F.WIG 16 /r           | VMOVHPD Vdq,Hdq,Mq
      VEX.128.0F.WIG 17 /r              | VMOVHPS Mq,Vdq
      VEX.128.66.0F.WIG 17 /r           | VMOVHPD Mq,Vdq
      VEX.128/256.F3.0F.WIG 12 /r       | VMOVSLDUP Vx,Wx
      VEX.128/256.F3.0F.WIG 16 /r       | VMOVSHDUP Vx,Wx
      VEX.128.F2.0F.WIG 12 /r           | VMOVDDUP Vdq,Wq
      VEX.256.F2.0F.WIG 12 /r           | VMOVDDUP Vqq,Wqq
      VEX.128.66.0F.W0* 6E /r           | VMOVD Vdq,Ed
      VEX.128.66.0F.W1 6E /r            | VMOVQ Vdq,Eq                |          | only64
      VEX.128.66.0F.W0* 7E /r           | VMOVD Ed,Vd
      VEX.128.66.0F.W1 7E /r            | VMOVQ Eq,Vq                 |          | only64
      VEX.128.F3.0F.WIG 7E /r           | VMOVQ Vdq,Wq
      VEX.128.66.0F.WIG D6 /r           | VMOVQ Udq/Mq,Vq
      VEX.128/256.66.0F.WIG 6F /r       | VMOVDQA Vx,Wx               |          | aligned
      VEX.128/256.66.0F.WIG 7F /r       | VMOVDQA Wx,Vx               |          | aligned
      VEX.128/256.F3.0F.WIG 6F /r       | VMOVDQU Vx,Wx
      VEX.128/256.F3.0F.WIG 7F /r       | VMOVDQU Wx,Vx
      VEX.128/256.F2.0F.WIG F0 /r       | VLDDQU Vx,Mx
      VEX.128/256.66.0F.WIG E7 /r       | VMOVNTDQ Mx,Vx              |          | aligned
      VEX.128.66.0F.WIG F7 /r           | VMASKMOVDQU Vdq:r,Udq       |          | <RDI
      VEX.128.66.0F.WIG 60 /r           | VPUNPCKLBW Vx,Hx,Wx         |          | +AVX
      VEX.256.66.0F.WIG 60 /r           | VPUNPCKLBW Vx,Hx,Wx         |          | +AVX2
      VEX.128.66.0F.WIG 61 /r           | VPUNPCKLWD Vx,Hx,Wx         |          | +AVX
      VEX.256.66.0F.WIG 61 /r           | VPUNPCKLWD Vx,Hx,Wx         |          | +AVX2
      VEX.128.66.0F.WIG 62 /r           | VPUNPCKLDQ Vx,Hx,Wx         |          | +AVX
      VEX.256.66.0F.WIG 62 /r           | VPUNPCKLDQ Vx,Hx,Wx         |          | +AVX2
      VEX.128.66.0F.WIG 63 /r           | VPACKSSWB Vx,Hx,Wx          |          | +AVX
      VEX.256.66.0F.WIG 63 /r           | VPACKSSWB Vx,Hx,Wx          |          | +AVX2
      VEX.128.66.0F.WIG 64 /r           | VPCMPGTB Vx,Hx,Wx           |          | +AVX
      VEX.256.66.0F.WIG 64 /r           | VPCMPGTB Vx,Hx,Wx           |          | +AVX2
      VEX.128.66.0F.WIG 65 /r           | VPCMPGTW Vx,Hx,Wx           |          | +AVX
      VEX.256.66.0F.WIG 65 /r           | VPCMPGTW Vx,Hx,Wx           |          | +AVX2
      VEX.128.66.0F.WIG 66 /r           | VPCMPGTD Vx,Hx,Wx           |          | +AVX
      VEX.256.66.0F.WIG 66 /r           | VPCMPGTD Vx,Hx,Wx           |          | +AVX2
      VEX.128.66.0F.WIG 67 /r           | VPACKUSWB Vx,Hx,Wx          |          | +AVX
      VEX.256.66.0F.WIG 67 /r           | VPACKUSWB Vx,Hx,Wx          |          | +AVX2
      VEX.128.66.0F.WIG 68 /r           | VPUNPCKHBW Vx,Hx,Wx         |          | +AVX
      VEX.256.66.0F.WIG 68 /r           | VPUNPCKHBW Vx,Hx,Wx         |          | +AVX2
      VEX.128.66.0F.WIG 69 /r           | VPUNPCKHWD Vx,Hx,Wx         |          | +AVX
      VEX.256.66.0F.WIG 69 /r           | VPUNPCKHWD Vx,Hx,Wx         |          | +AVX2
      VEX.128.66.0F.WIG 6A /r           | VPUNPCKHDQ Vx,Hx,Wx         |          | +AVX
      VEX.256.66.0F.WIG 6A /r           | VPUNPCKHDQ Vx,Hx,Wx         |          | +AVX2
      VEX.128.66.0F.WIG 6B /r           | VPACKSSDW Vx,Hx,Wx          |          | +AVX
      VEX.256.66.0F.WIG 6B /r           | VPACKSSDW Vx,Hx,Wx          |          | +AVX2
      VEX.128.66.0F.WIG 74 /r           | VPCMPEQB Vx,Hx,Wx           |          | +AVX
      VEX.256.66.0F.WIG 74 /r           | VPCMPEQB Vx,Hx,Wx           |          | +AVX2
      VEX.128.66.0F.WIG 75 /r           | VPCMPEQW Vx,Hx,Wx           |          | +AVX
      VEX.256.66.0F.WIG 75 /r           | VPCMPEQW Vx,Hx,Wx           |          | +AVX2
      VEX.128.66.0F.WIG 76 /r           | VPCMPEQD Vx,Hx,Wx           |          | +AVX
      VEX.256.66.0F.WIG 76 /r           | VPCMPEQD Vx,Hx,Wx           |          | +AVX2
      VEX.128.66.0F.WIG D4 /r           | VPADDQ Vx,Hx,Wx             |          | +AVX
      VEX.256.66.0F.WIG D4 /r           | VPADDQ Vx,Hx,Wx             |          | +AVX2
      VEX.128.66.0F.WIG D5 /r           | VPMULLW Vx,Hx,Wx            |          | +AVX
      VEX.256.66.0F.WIG D5 /r           | VPMULLW Vx,Hx,Wx            |          | +AVX2
      VEX.128.66.0F.WIG D8 /r           | VPSUBUSB Vx,Hx,Wx           |          | +AVX
      VEX.256.66.0F.WIG D8 /r           | VPSUBUSB Vx,Hx,Wx           |          | +AVX2
      VEX.128.66.0F.WIG D9 /r           | VPSUBUSW Vx,Hx,Wx           |          | +AVX
      VEX.256.66.0F.WIG D9 /r           | VPSUBUSW Vx,Hx,Wx           |          | +AVX2
      VEX.128.66.0F.WIG DA /r           | VPMINUB Vx,Hx,Wx            |          | +AVX
      VEX.256.66.0F.WIG DA /r           | VPMINUB Vx,Hx,Wx            |          | +AVX2
      VEX.128.66.0F.WIG DB /r           | VPAND Vx,Hx,Wx              |          | +AVX
      VEX.256.66.0F.WIG DB /r           | VPAND Vx,Hx,Wx              |          | +AVX2
      VEX.128.66.0F.WIG DC /r           | VPADDUSB Vx,Hx,Wx           |          | +AVX
      VEX.256.66.0F.WIG DC /r           | VPADDUSB Vx,Hx,Wx           |          | +AVX2
      VEX.128.66.0F.WIG DD /r           | VPADDUSW Vx,Hx,Wx           |          | +AVX
      VEX.256.66.0F.WIG DD /r           | VPADDUSW Vx,Hx,Wx           |          | +AVX2
      VEX.128.66.0F.WIG DE /r           | VPMAXUB Vx,Hx,Wx            |          | +AVX
      VEX.256.66.0F.WIG DE /r           | VPMAXUB Vx,Hx,Wx            |          | +AVX2
      VEX.128.66.0F.WIG DF /r           | VPANDN Vx,Hx,Wx             |          | +AVX
      VEX.256.66.0F.WIG DF /r           | VPANDN Vx,Hx,Wx             |          | +AVX2
      VEX.128.66.0F.WIG E0 /r           | VPAVGB Vx,Hx,Wx             |          | +AVX
      VEX.256.66.0F.WIG E0 /r           | VPAVGB Vx,Hx,Wx             |          | +AVX2
      VEX.128.66.0F.WIG E3 /r           | VPAVGW Vx,Hx,Wx             |          | +AVX
      VEX.256.66.0F.WIG E3 /r           | VPAVGW Vx,Hx,Wx             |          | +AVX2
      VEX.128.66.0F.WIG E4 /r           | VPMULHUW Vx,Hx,Wx           |          | +AVX
      VEX.256.66.0F.WIG E4 /r           | VPMULHUW Vx,Hx,Wx           |          | +AVX2
      VEX.128.66.0F.WIG E5 /r           | VPMULHW Vx,Hx,Wx            |          | +AVX
      VEX.256.66.0F.WIG E5 /r           | VPMULHW Vx,Hx,Wx            |          | +AVX2
      VEX.128.66.0F.WIG E8 /r           | VPSUBSB Vx,Hx,Wx            |          | +AVX
      VEX.256.66.0F.WIG E8 /r           | VPSUBSB Vx,Hx,Wx            |          | +AVX2
      VEX.128.66.0F.WIG E9 /r           | VPSUBSW Vx,Hx,Wx            |          | +AVX
      VEX.256.66.0F.WIG E9 /r           | VPSUBSW Vx,Hx,Wx            |          | +AVX2
      VEX.128.66.0F.WIG EA /r           | VPMINSW Vx,Hx,Wx            |          | +AVX
      VEX.256.66.0F.WIG EA /r           | VPMINSW Vx,Hx,Wx            |          | +AVX2
      VEX.128.66.0F.WIG EB /r           | VPOR Vx,Hx,Wx               |          | +AVX
      VEX.256.66.0F.WIG EB /r           | VPOR Vx,Hx,Wx               |          | +AVX2
      VEX.128.66.0F.WIG EC /r           | VPADDSB Vx,Hx,Wx            |          | +AVX
      VEX.256.66.0F.WIG EC /r           | VPADDSB Vx,Hx,Wx            |          | +AVX2
      VEX.128.66.0F.WIG ED /r           | VPADDSW Vx,Hx,Wx            |          | +AVX
      VEX.256.66.0F.WIG ED /r           | VPADDSW Vx,Hx,Wx            |          | +AVX2
      VEX.128.66.0F.WIG EE /r           | VPMAXSW Vx,Hx,Wx            |          | +AVX
      VEX.256.66.0F.WIG EE /r           | VPMAXSW Vx,Hx,Wx            |          | +AVX2
      VEX.128.66.0F.WIG EF /r           | VPXOR Vx,Hx,Wx              |          | +AVX
      VEX.256.66.0F.WIG EF /r           | VPXOR Vx,Hx,Wx              |          | +AVX2
      VEX.128.66.0F.WIG F4 /r           | VPMULUDQ Vx,Hx,Wx           |          | +AVX
      VEX.256.66.0F.WIG F4 /r           | VPMULUDQ Vx,Hx,Wx           |          | +AVX2
      VEX.128.66.0F.WIG F5 /r           | VPMADDWD Vx,Hx,Wx           |          | +AVX
      VEX.256.66.0F.WIG F5 /r           | VPMADDWD Vx,Hx,Wx           |          | +AVX2
      VEX.128.66.0F.WIG F6 /r           | VPSADBW Vx,Hx,Wx            |          | +AVX
      VEX.256.66.0F.WIG F6 /r           | VPSADBW Vx,Hx,Wx            |          | +AVX2
      VEX.128.66.0F.WIG F8 /r           | VPSUBB Vx,Hx,Wx             |          | +AVX
      VEX.256.66.0F.WIG F8 /r           | VPSUBB Vx,Hx,Wx             |          | +AVX2
      VEX.128.66.0F.WIG F9 /r           | VPSUBW Vx,Hx,Wx             |          | +AVX
      VEX.256.66.0F.WIG F9 /r           | VPSUBW Vx,Hx,Wx             |          | +AVX2
      VEX.128.66.0F.WIG FA /r           | VPSUBD Vx,Hx,Wx             |          | +AVX
      VEX.256.66.0F.WIG FA /r           | VPSUBD Vx,Hx,Wx             |          | +AVX2
      VEX.128.66.0F.WIG FB /r           | VPSUBQ Vx,Hx,Wx             |          | +AVX
      VEX.256.66.0F.WIG FB /r           | VPSUBQ Vx,Hx,Wx             |          | +AVX2
      VEX.128.66.0F.WIG FC /r           | VPADDB Vx,Hx,Wx             |          | +AVX
      VEX.256.66.0F.WIG FC /r           | VPADDB Vx,Hx,Wx             |          | +AVX2
      VEX.128.66.0F.WIG FD /r           | VPADDW Vx,Hx,Wx             |          | +AVX
      VEX.256.66.0F.WIG FD /r           | VPADDW Vx,Hx,Wx             |          | +AVX2
      VEX.128.66.0F.WIG FE /r           | VPADDD Vx,Hx,Wx             |          | +AVX
      VEX.256.66.0F.WIG FE /r           | VPADDD Vx,Hx,Wx             |          | +AVX2
      VEX.128.66.0F.WIG 6C /r           | VPUNPCKLQDQ Vx,Hx,Wx        |          | +AVX
      VEX.256.66.0F.WIG 6C /r           | VPUNPCKLQDQ Vx,Hx,Wx        |          | +AVX2
      VEX.128.66.0F.WIG 6D /r           | VPUNPCKHQDQ Vx,Hx,Wx        |          | +AVX
      VEX.256.66.0F.WIG 6D /r           | VPUNPCKHQDQ Vx,Hx,Wx        |          | +AVX2
      VEX.128.66.0F.WIG D1 /r           | VPSRLW Vx,Hx,Wdq            |          | +AVX
      VEX.256.66.0F.WIG D1 /r           | VPSRLW Vx,Hx,Wdq            |          | +AVX2
      VEX.128.66.0F.WIG D2 /r           | VPSRLD Vx,Hx,Wdq            |          | +AVX
      VEX.256.66.0F.WIG D2 /r           | VPSRLD Vx,Hx,Wdq            |          | +AVX2
      VEX.128.66.0F.WIG D3 /r           | VPSRLQ Vx,Hx,Wdq            |          | +AVX
      VEX.256.66.0F.WIG D3 /r           | VPSRLQ Vx,Hx,Wdq            |          | +AVX2
      VEX.128.66.0F.WIG E1 /r           | VPSRAW Vx,Hx,Wdq            |          | +AVX
      VEX.256.66.0F.WIG E1 /r           | VPSRAW Vx,Hx,Wdq            |          | +AVX2
      VEX.128.66.0F.WIG E2 /r           | VPSRAD Vx,Hx,Wdq            |          | +AVX
      VEX.256.66.0F.WIG E2 /r           | VPSRAD Vx,Hx,Wdq            |          | +AVX2
      VEX.128.66.0F.WIG F1 /r           | VPSLLW Vx,Hx,Wdq            |          | +AVX
      VEX.256.66.0F.WIG F1 /r           | VPSLLW Vx,Hx,Wdq            |          | +AVX2
      VEX.128.66.0F.WIG F2 /r           | VPSLLD Vx,Hx,Wdq            |          | +AVX
      VEX.256.66.0F.WIG F2 /r           | VPSLLD Vx,Hx,Wdq            |          | +AVX2
      VEX.128.66.0F.WIG F3 /r           | VPSLLQ Vx,Hx,Wdq            |          | +AVX
      VEX.256.66.0F.WIG F3 /r           | VPSLLQ Vx,Hx,Wdq            |          | +AVX2
      VEX.128.66.0F.WIG 71 /2 ib        | VPSRLW Hx,Ux,Ib             |          | +AVX
      VEX.256.66.0F.WIG 71 /2 ib        | VPSRLW Hx,Ux,Ib             |          | +AVX2
      VEX.128.66.0F.WIG 71 /4 ib        | VPSRAW Hx,Ux,Ib             |          | +AVX
      VEX.256.66.0F.WIG 71 /4 ib        | VPSRAW Hx,Ux,Ib             |          | +AVX2
      VEX.128.66.0F.WIG 71 /6 ib        | VPSLLW Hx,Ux,Ib             |          | +AVX
      VEX.256.66.0F.WIG 71 /6 ib        | VPSLLW Hx,Ux,Ib             |          | +AVX2
      VEX.128.66.0F.WIG 72 /2 ib        | VPSRLD Hx,Ux,Ib             |          | +AVX
      VEX.256.66.0F.WIG 72 /2 ib        | VPSRLD Hx,Ux,Ib             |          | +AVX2
      VEX.128.66.0F.WIG 72 /4 ib        | VPSRAD Hx,Ux,Ib             |          | +AVX
      VEX.256.66.0F.WIG 72 /4 ib        | VPSRAD Hx,Ux,Ib             |          | +AVX2
      VEX.128.66.0F.WIG 72 /6 ib        | VPSLLD Hx,Ux,Ib             |          | +AVX
      VEX.256.66.0F.WIG 72 /6 ib        | VPSLLD Hx,Ux,Ib             |          | +AVX2
      VEX.128.66.0F.WIG 73 /2 ib        | VPSRLQ Hx,Ux,Ib             |          | +AVX
      VEX.256.66.0F.WIG 73 /2 ib        | VPSRLQ Hx,Ux,Ib             |          | +AVX2
      VEX.128.66.0F.WIG 73 /6 ib        | VPSLLQ Hx,Ux,Ib             |          | +AVX
      VEX.256.66.0F.WIG 73 /6 ib        | VPSLLQ Hx,Ux,Ib             |          | +AVX2
      VEX.128.66.0F.WIG 73 /3 ib        | VPSRLDQ Hx,Ux,Ib            |          | +AVX
      VEX.256.66.0F.WIG 73 /3 ib        | VPSRLDQ Hx,Ux,Ib            |          | +AVX2
      VEX.128.66.0F.WIG 73 /7 ib        | VPSLLDQ Hx,Ux,Ib            |          | +AVX
      VEX.256.66.0F.WIG 73 /7 ib        | VPSLLDQ Hx,Ux,Ib            |          | +AVX2
      VEX.128.66.0F.WIG 70 /r ib        | VPSHUFD Vx,Wx,Ib            |          | +AVX
      VEX.256.66.0F.WIG 70 /r ib        | VPSHUFD Vx,Wx,Ib            |          | +AVX2
      VEX.128.F3.0F.WIG 70 /r ib        | VPSHUFHW Vx,Wx,Ib           |          | +AVX
      VEX.256.F3.0F.WIG 70 /r ib        | VPSHUFHW Vx,Wx,Ib           |          | +AVX2
      VEX.128.F2.0F.WIG 70 /r ib        | VPSHUFLW Vx,Wx,Ib           |          | +AVX
      VEX.256.F2.0F.WIG 70 /r ib        | VPSHUFLW Vx,Wx,Ib           |          | +AVX2
      VEX.128.66.0F.WIG C4 /r ib        | VPINSRW Vdq,Hdq,Rd/Mw,Ib
      VEX.128.66.0F.WIG C5 /r ib        | VPEXTRW Gd,Udq,Ib
      VEX.128.66.0F.WIG D7 /r           | VPMOVMSKB Gd,Ux             |          | +AVX
      VEX.256.66.0F.WIG D7 /r           | VPMOVMSKB Gd,Ux             |          | +AVX2
      VEX.128.66.0F38.WIG 00 /r         | VPSHUFB Vx,Hx,Wx            |          | +AVX
      VEX.256.66.0F38.WIG 00 /r         | VPSHUFB Vx,Hx,Wx            |          | +AVX2
      VEX.128.66.0F38.WIG 01 /r         | VPHADDW Vx,Hx,Wx            |          | +AVX
      VEX.256.66.0F38.WIG 01 /r         | VPHADDW Vx,Hx,Wx            |          | +AVX2
      VEX.128.66.0F38.WIG 02 /r         | VPHADDD Vx,Hx,Wx            |          | +AVX
      VEX.256.66.0F38.WIG 02 /r         | VPHADDD Vx,Hx,Wx            |          | +AVX2
      VEX.128.66.0F38.WIG 03 /r         | VPHADDSW Vx,Hx,Wx           |          | +AVX
      VEX.256.66.0F38.WIG 03 /r         | VPHADDSW Vx,Hx,Wx           |          | +AVX2
      VEX.128.66.0F38.WIG 04 /r         | VPMADDUBSW Vx,Hx,Wx         |          | +AVX
      VEX.256.66.0F38.WIG 04 /r         | VPMADDUBSW Vx,Hx,Wx         |          | +AVX2
      VEX.128.66.0F38.WIG 05 /r         | VPHSUBW Vx,Hx,Wx            |          | +AVX
      VEX.256.66.0F38.WIG 05 /r         | VPHSUBW Vx,Hx,Wx            |          | +AVX2
      VEX.128.66.0F38.WIG 06 /r         | VPHSUBD Vx,Hx,Wx            |          | +AVX
      VEX.256.66.0F38.WIG 06 /r         | VPHSUBD Vx,Hx,Wx            |          | +AVX2
      VEX.128.66.0F38.WIG 07 /r         | VPHSUBSW Vx,Hx,Wx           |          | +AVX
      VEX.256.66.0F38.WIG 07 /r         | VPHSUBSW Vx,Hx,Wx           |          | +AVX2
      VEX.128.66.0F38.WIG 08 /r         | VPSIGNB Vx,Hx,Wx            |          | +AVX
      VEX.256.66.0F38.WIG 08 /r         | VPSIGNB Vx,Hx,Wx            |          | +AVX2
      VEX.128.66.0F38.WIG 09 /r         | VPSIGNW Vx,Hx,Wx            |          | +AVX
      VEX.256.66.0F38.WIG 09 /r         | VPSIGNW Vx,Hx,Wx            |          | +AVX2
      VEX.128.66.0F38.WIG 0A /r         | VPSIGND Vx,Hx,Wx            |          | +AVX
      VEX.256.66.0F38.WIG 0A /r         | VPSIGND Vx,Hx,Wx            |          | +AVX2
      VEX.128.66.0F38.WIG 0B /r         | VPMULHRSW Vx,Hx,Wx          |          | +AVX
      VEX.256.66.0F38.WIG 0B /r         | VPMULHRSW Vx,Hx,Wx          |          | +AVX2
      VEX.128.66.0F38.WIG 1C /r         | VPABSB Vx,Wx                |          | +AVX
      VEX.256.66.0F38.WIG 1C /r         | VPABSB Vx,Wx                |          | +AVX2
      VEX.128.66.0F38.WIG 1D /r         | VPABSW Vx,Wx                |          | +AVX
      VEX.256.66.0F38.WIG 1D /r         | VPABSW Vx,Wx                |          | +AVX2
      VEX.128.66.0F38.WIG 1E /r         | VPABSD Vx,Wx                |          | +AVX
      VEX.256.66.0F38.WIG 1E /r         | VPABSD Vx,Wx                |          | +AVX2
      VEX.128.66.0F3A.WIG 0F /r ib      | VPALIGNR Vx,Hx,Wx,Ib        |          | +AVX
      VEX.256.66.0F3A.WIG 0F /r ib      | VPALIGNR Vx,Hx,Wx,Ib        |          | +AVX2
      VEX.128.66.0F3A.W0 4C /r /is4     | VPBLENDVB Vx,Hx,Wx,Kx       |          | +AVX
      VEX.256.66.0F3A.W0 4C /r /is4     | VPBLENDVB Vx,Hx,Wx,Kx       |          | +AVX2
      VEX.128/256.66.0F3A.W0 4A /r /is4 | VBLENDVPS Vx,Hx,Wx,Kx
      VEX.128/256.66.0F3A.W0 4B /r /is4 | VBLENDVPD Vx,Hx,Wx,Kx
      VEX.128/256.66.0F38.WIG 17 /r     | VPTEST Vx:r,Wx              | w:oszapc
      VEX.128.66.0F38.WIG 20 /r         | VPMOVSXBW Vx,Whx            |          | +AVX
      VEX.256.66.0F38.WIG 20 /r         | VPMOVSXBW Vx,Whx            |          | +AVX2
      VEX.128.66.0F38.WIG 30 /r         | VPMOVZXBW Vx,Whx            |          | +AVX
      VEX.256.66.0F38.WIG 30 /r         | VPMOVZXBW Vx,Whx            |          | +AVX2
      VEX.128.66.0F38.WIG 21 /r         | VPMOVSXBD Vx,Wqx            |          | +AVX
      VEX.256.66.0F38.WIG 21 /r         | VPMOVSXBD Vx,Wqx            |          | +AVX2
      VEX.128.66.0F38.WIG 31 /r         | VPMOVZXBD Vx,Wqx            |          | +AVX
      VEX.256.66.0F38.WIG 31 /r         | VPMOVZXBD Vx,Wqx            |          | +AVX2
      VEX.128.66.0F38.WIG 22 /r         | VPMOVSXBQ Vx,Wox            |          | +AVX
      VEX.256.66.0F38.WIG 22 /r         | VPMOVSXBQ Vx,Wox            |          | +AVX2
      VEX.128.66.0F38.WIG 32 /r         | VPMOVZXBQ Vx,Wox            |          | +AVX
      VEX.256.66.0F38.WIG 32 /r         | VPMOVZXBQ Vx,Wox            |          | +AVX2
      VEX.128.66.0F38.WIG 23 /r         | VPMOVSXWD Vx,Whx            |          | +AVX
      VEX.256.66.0F38.WIG 23 /r         | VPMOVSXWD Vx,Whx            |          | +AVX2
      VEX.128.66.0F38.WIG 33 /r         | VPMOVZXWD Vx,Whx            |          | +AVX
      VEX.256.66.0F38.WIG 33 /r         | VPMOVZXWD Vx,Whx            |          | +AVX2
      VEX.128.66.0F38.WIG 24 /r         | VPMOVSXWQ Vx,Wqx            |          | +AVX
      VEX.256.66.0F38.WIG 24 /r         | VPMOVSXWQ Vx,Wqx            |          | +AVX2
      VEX.128.66.0F38.WIG 34 /r         | VPMOVZXWQ Vx,Wqx            |          | +AVX
      VEX.256.66.0F38.WIG 34 /r         | VPMOVZXWQ Vx,Wqx            |          | +AVX2
      VEX.128.66.0F38.WIG 25 /r         | VPMOVSXDQ Vx,Whx            |          | +AVX
      VEX.256.66.0F38.WIG 25 /r         | VPMOVSXDQ Vx,Whx            |          | +AVX2
      VEX.128.66.0F38.WIG 35 /r         | VPMOVZXDQ Vx,Whx            |          | +AVX
      VEX.256.66.0F38.WIG 35 /r         | VPMOVZXDQ Vx,Whx            |          | +AVX2
      VEX.128.66.0F38.WIG 28 /r         | VPMULDQ Vx,Hx,Wx            |          | +AVX
      VEX.256.66.0F38.WIG 28 /r         | VPMULDQ Vx,Hx,Wx            |          | +AVX2
      VEX.128.66.0F38.WIG 29 /r         | VPCMPEQQ Vx,Hx,Wx           |          | +AVX
      VEX.256.66.0F38.WIG 29 /r         | VPCMPEQQ Vx,Hx,Wx           |          | +AVX2
      VEX.128.66.0F38.WIG 2B /r         | VPACKUSDW Vx,Hx,Wx          |          | +AVX
      VEX.256.66.0F38.WIG 2B /r         | VPACKUSDW Vx,Hx,Wx          |          | +AVX2
      VEX.128.66.0F38.WIG 37 /r         | VPCMPGTQ Vx,Hx,Wx           |          | +AVX
      VEX.256.66.0F38.WIG 37 /r         | VPCMPGTQ Vx,Hx,Wx           |          | +AVX2
      VEX.128.66.0F38.WIG 38 /r         | VPMINSB Vx,Hx,Wx            |          | +AVX
      VEX.256.66.0F38.WIG 38 /r         | VPMINSB Vx,Hx,Wx            |          | +AVX2
      VEX.128.66.0F38.WIG 39 /r         | VPMINSD Vx,Hx,Wx            |          | +AVX
      VEX.256.66.0F38.WIG 39 /r         | VPMINSD Vx,Hx,Wx            |          | +AVX2
      VEX.128.66.0F38.WIG 3A /r         | VPMINUW Vx,Hx,Wx            |          | +AVX
      VEX.256.66.0F38.WIG 3A /r         | VPMINUW Vx,Hx,Wx            |          | +AVX2
      VEX.128.66.0F38.WIG 3B /r         | VPMINUD Vx,Hx,Wx            |          | +AVX
      VEX.256.66.0F38.WIG 3B /r         | VPMINUD Vx,Hx,Wx            |          | +AVX2
      VEX.128.66.0F38.WIG 3C /r         | VPMAXSB Vx,Hx,Wx            |          | +AVX
      VEX.256.66.0F38.WIG 3C /r         | VPMAXSB Vx,Hx,Wx            |          | +AVX2
      VEX.128.66.0F38.WIG 3D /r         | VPMAXSD Vx,Hx,Wx            |          | +AVX
      VEX.256.66.0F38.WIG 3D /r         | VPMAXSD Vx,Hx,Wx            |          | +AVX2
      VEX.128.66.0F38.WIG 3E /r         | VPMAXUW Vx,Hx,Wx            |          | +AVX
      VEX.256.66.0F38.WIG 3E /r         | VPMAXUW Vx,Hx,Wx            |          | +AVX2
      VEX.128.66.0F38.WIG 3F /r         | VPMAXUD Vx,Hx,Wx            |          | +AVX
      VEX.256.66.0F38.WIG 3F /r         | VPMAXUD Vx,Hx,Wx            |          | +AVX2
      VEX.128.66.0F38.WIG 40 /r         | VPMULLD Vx,Hx,Wx            |          | +AVX
      VEX.256.66.0F38.WIG 40 /r         | VPMULLD Vx,Hx,Wx            |          | +AVX2
      VEX.128.66.0F38.WIG 2A /r         | VMOVNTDQA Vx,Mx             |          | aligned +AVX
      VEX.256.66.0F38.WIG 2A /r         | VMOVNTDQA Vx,Mx             |          | aligned +AVX2
      VEX.128.66.0F38.WIG 41 /r         | VPHMINPOSUW Vdq,Wdq
      VEX.128/256.66.0F3A.WIG 08 /r ib  | VROUNDPS Vx,Wx,Ib           |          | float
      VEX.128/256.66.0F3A.WIG 09 /r ib  | VROUNDPD Vx,Wx,Ib           |          | float
      VEX.LIG.66.0F3A.WIG 0A /r ib      | VROUNDSS Vdq,Hdq,Wss,Ib     |          | float
      VEX.LIG.66.0F3A.WIG 0B /r ib      | VROUNDSD Vdq,Hdq,Wsd,Ib     |          | float
      VEX.128/256.66.0F3A.WIG 0C /r ib  | VBLENDPS Vx,Hx,Wx,Ib
      VEX.128/256.66.0F3A.WIG 0D /r ib  | VBLENDPD Vx,Hx,Wx,Ib
      VEX.128.66.0F3A.WIG 0E /r ib      | VPBLENDW Vx,Hx,Wx,Ib        |          | +AVX
      VEX.256.66.0F3A.WIG 0E /r ib      | VPBLENDW Vx,Hx,Wx,Ib        |          | +AVX2
      VEX.128.66.0F3A.WIG 14 /r ib      | VPEXTRB Rd/Mb,Vdq,Ib
      VEX.128.66.0F3A.WIG 15 /r ib      | VPEXTRW Rd/Mw,Vdq,Ib
      VEX.128.66.0F3A.W0* 16 /r ib      | VPEXTRD Ed,Vdq,Ib
      VEX.128.66.0F3A.W1 16 /r ib       | VPEXTRQ Eq,Vdq,Ib           |          | only64
      VEX.128.66.0F3A.WIG 17 /r ib      | VEXTRACTPS Ed,Vdq,Ib
      VEX.128.66.0F3A.WIG 20 /r ib      | VPINSRB Vdq,Hdq,Rd/Mb,Ib
      VEX.128.66.0F3A.WIG 21 /r ib      | VINSERTPS Vdq,Hdq,Udq/Md,Ib
      VEX.128.66.0F3A.W0* 22 /r ib      | VPINSRD Vdq,Hdq,Ed,Ib
      VEX.128.66.0F3A.W1 22 /r ib       | VPINSRQ Vdq,Hdq,Eq,Ib       |          | only64
      VEX.128/256.66.0F3A.WIG 40 /r ib  | VDPPS Vx,Hx,Wx,Ib           |          | float
      VEX.128.66.0F3A.WIG 41 /r ib      | VDPPD Vdq,Hdq,Wdq,Ib        |          | float
      VEX.128.66.0F3A.WIG 42 /r ib      | VMPSADBW Vx,Hx,Wx,Ib        |          | +AVX
      VEX.256.66.0F3A.WIG 42 /r ib      | VMPSADBW Vx,Hx,Wx,Ib        |          | +AVX2
      VEX.128.66.0F3A.WIG 60 /r ib      | VPCMPESTRM Vdq:r,Wdq,Ib     | w:oszapc | <RAX,RDX
      VEX.128.66.0F3A.WIG 61 /r ib      | VPCMPESTRI Vdq:r,Wdq,Ib     | w:oszapc | <RAX,RDX >RCX
      VEX.128.66.0F3A.WIG 62 /r ib      | VPCMPISTRM Vdq:r,Wdq,Ib     | w:oszapc
      VEX.128.66.0F3A.WIG 63 /r ib      | VPCMPISTRI Vdq:r,Wdq,Ib     | w:oszapc | >RCX
      VEX.128.66.0F38.WIG DC /r         | VAESENC Vx,Hx,Wx            |          | +AES
      VEX.256.66.0F38.WIG DC /r         | VAESENC Vx,Hx,Wx            |          | +VAES
      VEX.128.66.0F38.WIG DD /r         | VAESENCLAST Vx,Hx,Wx        |          | +AES
      VEX.256.66.0F38.WIG DD /r         | VAESENCLAST Vx,Hx,Wx        |          | +VAES
      VEX.128.66.0F38.WIG DE /r         | VAESDEC Vx,Hx,Wx            |          | +AES
      VEX.256.66.0F38.WIG DE /r         | VAESDEC Vx,Hx,Wx            |          | +VAES
      VEX.128.66.0F38.WIG DF /r         | VAESDECLAST Vx,Hx,Wx        |          | +AES
      VEX.256.66.0F38.WIG DF /r         | VAESDECLAST Vx,Hx,Wx        |          | +VAES
      VEX.128.66.0F38.WIG DB /r         | VAESIMC Vdq,Wdq             |          | +AES
      VEX.128.66.0F3A.WIG DF /r ib      | VAESKEYGENASSIST Vdq,Wdq,Ib |          | +AES
      VEX.128.66.0F3A.WIG 44 /r ib      | VPCLMULQDQ Vx,Hx,Wx,Ib      |          | +PCLMULQDQ
      VEX.256.66.0F3A.WIG 44 /r ib      | VPCLMULQDQ Vx,Hx,Wx,Ib      |          | +VPCLMULQDQ
      VEX.128.0F.WIG AE /2              | VLDMXCSR Md:r
      VEX.128.0F.WIG AE /3              | VSTMXCSR Md
      VEX.128.0F.WIG 77                 | VZEROUPPER
      VEX.256.0F.WIG 77                 | VZEROALL
      VEX.128/256.66.0F38.W0 0C /r      | VPERMILPS Vx,Hx,Wx
      VEX.128/256.66.0F38.W0 0D /r      | VPERMILPD Vx,Hx,Wx
      VEX.128/256.66.0F3A.W0 04 /r ib   | VPERMILPS Vx,Wx,Ib
      VEX.128/256.66.0F3A.W0 05 /r ib   | VPERMILPD Vx,Wx,Ib
      VEX.128/256.66.0F38.W0 0E /r      | VTESTPS Vx:r,Wx             | w:oszapc
      VEX.128/256.66.0F38.W0 0F /r      | VTESTPD Vx:r,Wx             | w:oszapc
      VEX.128/256.66.0F38.W0 18 /r      | VBROADCASTSS Vx,Md
      VEX.128/256.66.0F38.W0 18 /r      | VBROADCASTSS Vx,Ud          |          | +AVX2
      VEX.256.66.0F38.W0 19 /r          | VBROADCASTSD Vqq,Mq
      VEX.256.66.0F38.W0 19 /r          | VBROADCASTSD Vqq,Uq         |          | +AVX2
      VEX.256.66.0F38.W0 1A /r          | VBROADCASTF128 Vqq,Mdq
      VEX.128/256.66.0F38.W0 2C /r      | VMASKMOVPS Vx,Hx,Mx
      VEX.128/256.66.0F38.W0 2D /r      | VMASKMOVPD Vx,Hx,Mx
      VEX.128/256.66.0F38.W0 2E /r      | VMASKMOVPS Mx,Hx,Vx
      VEX.128/256.66.0F38.W0 2F /r      | VMASKMOVPD Mx,Hx,Vx
      VEX.256.66.0F3A.W0 06 /r ib       | VPERM2F128 Vqq,Hqq,Wqq,Ib
      VEX.256.66.0F3A.W0 18 /r ib       | VINSERTF128 Vqq,Hqq,Wdq,Ib
      VEX.256.66.0F3A.W0 19 /r ib       | VEXTRACTF128 Wdq,Vqq,Ib
      @ user avx +F16C
      VEX.128/256.66.0F38.W0 13 /r      | VCVTPH2PS Vx,Whx            |          | float
      VEX.128/256.66.0F3A.W0 1D /r ib   | VCVTPS2PH Udq/Mhx,Vx,Ib     |          | float
      @ user avx +AVX2
      VEX.256.66.0F38.W0 16 /r          | VPERMPS Vqq,Hqq,Wqq
      VEX.256.66.0F38.W0 36 /r          | VPERMD Vqq,Hqq,Wqq
      VEX.256.66.0F3A.W1 00 /r ib       | VPERMQ Vqq,Wqq,Ib
      VEX.256.66.0F3A.W1 01 /r ib       | VPERMPD Vqq,Wqq,Ib
      VEX.128/256.66.0F3A.W0 02 /r ib   | VPBLENDD Vx,Hx,Wx,Ib
      VEX.128/256.66.0F38.W0 45 /r      | VPSRLVD Vx,Hx,Wx
      VEX.128/256.66.0F38.W1 45 /r      | VPSRLVQ Vx,Hx,Wx
      VEX.128/256.66.0F38.W0 46 /r      | VPSRAVD Vx,Hx,Wx
      VEX.128/256.66.0F38.W0 47 /r      | VPSLLVD Vx,Hx,Wx
      VEX.128/256.66.0F38.W1 47 /r      | VPSLLVQ Vx,Hx,Wx
      VEX.128/256.66.0F38.W0 58 /r      | VPBROADCASTD Vx,Wd
      VEX.128/256.66.0F38.W0 59 /r      | VPBROADCASTQ Vx,Wq
      VEX.128/256.66.0F38.W0 78 /r      | VPBROADCASTB Vx,Wb
      VEX.128/256.66.0F38.W0 79 /r      | VPBROADCASTW Vx,Ww
      VEX.256.66.0F38.W0 5A /r          | VBROADCASTI128 Vqq,Mdq
      VEX.128/256.66.0F38.W0 8C /r      | VPMASKMOVD Vx,Hx,Mx
      VEX.128/256.66.0F38.W1 8C /r      | VPMASKMOVQ Vx,Hx,Mx
      VEX.128/256.66.0F38.W0 8E /r      | VPMASKMOVD Mx,Hx,Vx
      VEX.128/256.66.0F38.W1 8E /r      | VPMASKMOVQ Mx,Hx,Vx
      VEX.128/256.66.0F38.W0 90 /r      | VPGATHERDD Vx:rw,VMd,Hx:rw
      VEX.128/256.66.0F38.W1 90 /r      | VPGATHERDQ Vx:rw,VMq,Hx:rw
      VEX.128/256.66.0F38.W0 91 /r      | VPGATHERQD Vhx:rw,VMd,Hhx:rw
      VEX.128/256.66.0F38.W1 91 /r      | VPGATHERQQ Vx:rw,VMq,Hx:rw
      VEX.128/256.66.0F38.W0 92 /r      | VGATHERDPS Vx:rw,VMd,Hx:rw
      VEX.128/256.66.0F38.W1 92 /r      | VGATHERDPD Vx:rw,VMq,Hx:rw
      VEX.128/256.66.0F38.W0 93 /r      | VGATHERQPS Vhx:rw,VMd,Hhx:rw
      VEX.128/256.66.0F38.W1 93 /r      | VGATHERQPD Vx:rw,VMq,Hx:rw
      VEX.256.66.0F3A.W0 38 /r ib       | VINSERTI128 Vqq,Hqq,Wdq,Ib
      VEX.256.66.0F3A.W0 39 /r ib       | VEXTRACTI128 Wdq,Vqq,Ib
      VEX.256.66.0F3A.W0 46 /r ib       | VPERM2I128 Vqq,Hqq,Wqq,Ib
      """;

  private AvxRows() {}
}
