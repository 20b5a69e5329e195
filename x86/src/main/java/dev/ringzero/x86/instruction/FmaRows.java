package dev.ringzero.x86.instruction;

/** Fused multiply-add. */
final class FmaRows {
  static final String ROWS =
      """
      @ user avx float +FMA
      VEX.128/256.66.0F38.W0 96 /r | VFMADDSUB132PS Vx:rw,Hx,Wx
      VEX.128/256.66.0F38.W1 96 /r | VFMADDSUB132PD Vx:rw,Hx,Wx
      VEX.128/256.66.0F38.W0 97 /r | VFMSUBADD132PS Vx:rw,Hx,Wx
      VEX.128/256.66.0F38.W1 97 /r | VFMSUBADD132PD Vx:rw,Hx,Wx
      VEX.128/256.66.0F38.W0 98 /r | VFMADD132PS Vx:rw,Hx,Wx
      VEX.128/256.66.0F38.W1 98 /r | VFMADD132PD Vx:rw,Hx,Wx
      VEX.LIG.66.0F38.W0 99 /r     | VFMADD132SS Vdq:rw,Hss,Wss
      VEX.LIG.66.0F38.W1 99 /r     | VFMADD132SD Vdq:rw,Hsd,Wsd
      VEX.128/256.66.0F38.W0 9A /r | VFMSUB132PS Vx:rw,Hx,Wx
      VEX.128/256.66.0F38.W1 9A /r | VFMSUB132PD Vx:rw,Hx,Wx
      VEX.LIG.66.0F38.W0 9B /r     | VFMSUB132SS Vdq:rw,Hss,Wss
      VEX.LIG.66.0F38.W1 9B /r     | VFMSUB132SD Vdq:rw,Hsd,Wsd
      VEX.128/256.66.0F38.W0 9C /r | VFNMADD132PS Vx:rw,Hx,Wx
      VEX.128/256.66.0F38.W1 9C /r | VFNMADD132PD Vx:rw,Hx,Wx
      VEX.LIG.66.0F38.W0 9D /r     | VFNMADD132SS Vdq:rw,Hss,Wss
      VEX.LIG.66.0F38.W1 9D /r     | VFNMADD132SD Vdq:rw,Hsd,Wsd
      VEX.128/256.66.0F38.W0 9E /r | VFNMSUB132PS Vx:rw,Hx,Wx
      VEX.128/256.66.0F38.W1 9E /r | VFNMSUB132PD Vx:rw,Hx,Wx
      VEX.LIG.66.0F38.W0 9F /r     | VFNMSUB132SS Vdq:rw,Hss,Wss
      VEX.LIG.66.0F38.W1 9F /r     | VFNMSUB132SD Vdq:rw,Hsd,Wsd
      VEX.128/256.66.0F38.W0 A6 /r | VFMADDSUB213PS Vx:rw,Hx,Wx
      VEX.128/256.66.0F38.W1 A6 /r | VFMADDSUB213PD Vx:rw,Hx,Wx
      VEX.128/256.66.0F38.W0 A7 /r | VFMSUBADD213PS Vx:rw,Hx,Wx
      VEX.128/256.66.0F38.W1 A7 /r | VFMSUBADD213PD Vx:rw,Hx,Wx
      VEX.128/256.66.0F38.W0 A8 /r | VFMADD213PS Vx:rw,Hx,Wx
      VEX.128/256.66.0F38.W1 A8 /r | VFMADD213PD Vx:rw,Hx,Wx
      VEX.LIG.66.0F38.W0 A9 /r     | VFMADD213SS Vdq:rw,Hss,Wss
      VEX.LIG.66.0F38.W1 A9 /r     | VFMADD213SD Vdq:rw,Hsd,Wsd
      VEX.128/256.66.0F38.W0 AA /r | VFMSUB213PS Vx:rw,Hx,Wx
      VEX.128/256.66.0F38.W1 AA /r | VFMSUB213PD Vx:rw,Hx,Wx
      VEX.LIG.66.0F38.W0 AB /r     | VFMSUB213SS Vdq:rw,Hss,Wss
      VEX.LIG.66.0F38.W1 AB /r     | VFMSUB213SD Vdq:rw,Hsd,Wsd
      VEX.128/256.66.0F38.W0 AC /r | VFNMADD213PS Vx:rw,Hx,Wx
      VEX.128/256.66.0F38.W1 AC /r | VFNMADD213PD Vx:rw,Hx,Wx
      VEX.LIG.66.0F38.W0 AD /r     | VFNMADD213SS Vdq:rw,Hss,Wss
      VEX.LIG.66.0F38.W1 AD /r     | VFNMADD213SD Vdq:rw,Hsd,Wsd
      VEX.128/256.66.0F38.W0 AE /r | VFNMSUB213PS Vx:rw,Hx,Wx
      VEX.128/256.66.0F38.W1 AE /r | VFNMSUB213PD Vx:rw,Hx,Wx
      VEX.LIG.66.0F38.W0 AF /r     | VFNMSUB213SS Vdq:rw,Hss,Wss
      VEX.LIG.66.0F38.W1 AF /r     | VFNMSUB213SD Vdq:rw,Hsd,Wsd
      VEX.128/256.66.0F38.W0 B6 /r | VFMADDSUB231PS Vx:rw,Hx,Wx
      VEX.128/256.66.0F38.W1 B6 /r | VFMADDSUB231PD Vx:rw,Hx,Wx
      VEX.128/256.66.0F38.W0 B7 /r | VFMSUBADD231PS Vx:rw,Hx,Wx
      VEX.128/256.66.0F38.W1 B7 /r | VFMSUBADD231PD Vx:rw,Hx,Wx
      VEX.128/256.66.0F38.W0 B8 /r | VFMADD231PS Vx:rw,Hx,Wx
      VEX.128/256.66.0F38.W1 B8 /r | VFMADD231PD Vx:rw,Hx,Wx
      VEX.LIG.66.0F38.W0 B9 /r     | VFMADD231SS Vdq:rw,Hss,Wss
      VEX.LIG.66.0F38.W1 B9 /r     | VFMADD231SD Vdq:rw,Hsd,Wsd
      VEX.128/256.66.0F38.W0 BA /r | VFMSUB231PS Vx:rw,Hx,Wx
      VEX.128/256.66.0F38.W1 BA /r | VFMSUB231PD Vx:rw,Hx,Wx
      VEX.LIG.66.0F38.W0 BB /r     | VFMSUB231SS Vdq:rw,Hss,Wss
      VEX.LIG.66.0F38.W1 BB /r     | VFMSUB231SD Vdq:rw,Hsd,Wsd
      VEX.128/256.66.0F38.W0 BC /r | VFNMADD231PS Vx:rw,Hx,Wx
      VEX.128/256.66.0F38.W1 BC /r | VFNMADD231PD Vx:rw,Hx,Wx
      VEX.LIG.66.0F38.W0 BD /r     | VFNMADD231SS Vdq:rw,Hss,Wss
      VEX.LIG.66.0F38.W1 BD /r     | VFNMADD231SD Vdq:rw,Hsd,Wsd
      VEX.128/256.66.0F38.W0 BE /r | VFNMSUB231PS Vx:rw,Hx,Wx
      VEX.128/256.66.0F38.W1 BE /r | VFNMSUB231PD Vx:rw,Hx,Wx
      VEX.LIG.66.0F38.W0 BF /r     | VFNMSUB231SS Vdq:rw,Hss,Wss
      VEX.LIG.66.0F38.W1 BF /r     | VFNMSUB231SD Vdq:rw,Hsd,Wsd
      """;

  private FmaRows() {}
}
