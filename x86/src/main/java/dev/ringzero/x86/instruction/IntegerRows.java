package dev.ringzero.x86.instruction;

/** The base instruction set: arithmetic, moves, stack, strings, branches, segments and I/O. */
final class IntegerRows {
  static final String ROWS =
      """
      @ user
      00 /r          | ADD Eb:rw,Gb               | w:oszapc           | lock
      01 /r          | ADD Ev:rw,Gv               | w:oszapc           | lock
      02 /r          | ADD Gb:rw,Eb               | w:oszapc
      03 /r          | ADD Gv:rw,Ev               | w:oszapc
      04 ib          | ADD AL:rw,Ib               | w:oszapc
      05 iz          | ADD rAX:rw,Iz              | w:oszapc
      80 /0 ib       | ADD Eb:rw,Ib               | w:oszapc           | lock
      81 /0 iz       | ADD Ev:rw,Iz               | w:oszapc           | lock
      82 /0 ib       | ADD Eb:rw,Ib               | w:oszapc           | lock no64
      83 /0 ib       | ADD Ev:rw,sIb              | w:oszapc           | lock
      08 /r          | OR Eb:rw,Gb                | w:oszpc u:a        | lock
      09 /r          | OR Ev:rw,Gv                | w:oszpc u:a        | lock
      0A /r          | OR Gb:rw,Eb                | w:oszpc u:a
      0B /r          | OR Gv:rw,Ev                | w:oszpc u:a
      0C ib          | OR AL:rw,Ib                | w:oszpc u:a
      0D iz          | OR rAX:rw,Iz               | w:oszpc u:a
      80 /1 ib       | OR Eb:rw,Ib                | w:oszpc u:a        | lock
      81 /1 iz       | OR Ev:rw,Iz                | w:oszpc u:a        | lock
      82 /1 ib       | OR Eb:rw,Ib                | w:oszpc u:a        | lock no64
      83 /1 ib       | OR Ev:rw,sIb               | w:oszpc u:a        | lock
      10 /r          | ADC Eb:rw,Gb               | r:c w:oszapc       | lock
      11 /r          | ADC Ev:rw,Gv               | r:c w:oszapc       | lock
      12 /r          | ADC Gb:rw,Eb               | r:c w:oszapc
      13 /r          | ADC Gv:rw,Ev               | r:c w:oszapc
      14 ib          | ADC AL:rw,Ib               | r:c w:oszapc
      15 iz          | ADC rAX:rw,Iz              | r:c w:oszapc
      80 /2 ib       | ADC Eb:rw,Ib               | r:c w:oszapc       | lock
      81 /2 iz       | ADC Ev:rw,Iz               | r:c w:oszapc       | lock
      82 /2 ib       | ADC Eb:rw,Ib               | r:c w:oszapc       | lock no64
      83 /2 ib       | ADC Ev:rw,sIb              | r:c w:oszapc       | lock
      18 /r          | SBB Eb:rw,Gb               | r:c w:oszapc       | lock
      19 /r          | SBB Ev:rw,Gv               | r:c w:oszapc       | lock
      1A /r          | SBB Gb:rw,Eb               | r:c w:oszapc
      1B /r          | SBB Gv:rw,Ev               | r:c w:oszapc
      1C ib          | SBB AL:rw,Ib               | r:c w:oszapc
      1D iz          | SBB rAX:rw,Iz              | r:c w:oszapc
      80 /3 ib       | SBB Eb:rw,Ib               | r:c w:oszapc       | lock
      81 /3 iz       | SBB Ev:rw,Iz               | r:c w:oszapc       | lock
      82 /3 ib       | SBB Eb:rw,Ib               | r:c w:oszapc       | lock no64
      83 /3 ib       | SBB Ev:rw,sIb              | r:c w:oszapc       | lock
      20 /r          | AND Eb:rw,Gb               | w:oszpc u:a        | lock
      21 /r          | AND Ev:rw,Gv               | w:oszpc u:a        | lock
      22 /r          | AND Gb:rw,Eb               | w:oszpc u:a
      23 /r          | AND Gv:rw,Ev               | w:oszpc u:a
      24 ib          | AND AL:rw,Ib               | w:oszpc u:a
      25 iz          | AND rAX:rw,Iz              | w:oszpc u:a
      80 /4 ib       | AND Eb:rw,Ib               | w:oszpc u:a        | lock
      81 /4 iz       | AND Ev:rw,Iz               | w:oszpc u:a        | lock
      82 /4 ib       | AND Eb:rw,Ib               | w:oszpc u:a        | lock no64
      83 /4 ib       | AND Ev:rw,sIb              | w:oszpc u:a        | lock
      28 /r          | SUB Eb:rw,Gb               | w:oszapc           | lock
      29 /r          | SUB Ev:rw,Gv               | w:oszapc           | lock
      2A /r          | SUB Gb:rw,Eb               | w:oszapc
      2B /r          | SUB Gv:rw,Ev               | w:oszapc
      2C ib          | SUB AL:rw,Ib               | w:oszapc
      2D iz          | SUB rAX:rw,Iz              | w:oszapc
      80 /5 ib       | SUB Eb:rw,Ib               | w:oszapc           | lock
      81 /5 iz       | SUB Ev:rw,Iz               | w:oszapc           | lock
      82 /5 ib       | SUB Eb:rw,Ib               | w:oszapc           | lock no64
      83 /5 ib       | SUB Ev:rw,sIb              | w:oszapc           | lock
      30 /r          | XOR Eb:rw,Gb               | w:oszpc u:a        | lock
      31 /r          | XOR Ev:rw,Gv               | w:oszpc u:a        | lock
      32 /r          | XOR Gb:rw,Eb               | w:oszpc u:a
      33 /r          | XOR Gv:rw,Ev               | w:oszpc u:a
      34 ib          | XOR AL:rw,Ib               | w:oszpc u:a
      35 iz          | XOR rAX:rw,Iz              | w:oszpc u:a
      80 /6 ib       | XOR Eb:rw,Ib               | w:oszpc u:a        | lock
      81 /6 iz       | XOR Ev:rw,Iz               | w:oszpc u:a        | lock
      82 /6 ib       | XOR Eb:rw,Ib               | w:oszpc u:a        | lock no64
      83 /6 ib       | XOR Ev:rw,sIb              | w:oszpc u:a        | lock
      38 /r          | CMP Eb:r,Gb                | w:oszapc
      39 /r          | CMP Ev:r,Gv                | w:oszapc
      3A /r          | CMP Gb:r,Eb                | w:oszapc
      3B /r          | CMP Gv:r,Ev                | w:oszapc
      3C ib          | CMP AL:r,Ib                | w:oszapc
      3D iz          | CMP rAX:r,Iz               | w:oszapc
      80 /7 ib       | CMP Eb:r,Ib                | w:oszapc
      81 /7 iz       | CMP Ev:r,Iz                | w:oszapc
      82 /7 ib       | CMP Eb:r,Ib                | w:oszapc           | no64
      83 /7 ib       | CMP Ev:r,sIb               | w:oszapc
      C0 /0 ib       | ROL Eb:rw,Ib               | r:oc w:c u:o
      C1 /0 ib       | ROL Ev:rw,Ib               | r:oc w:c u:o
      D0 /0          | ROL Eb:rw,1                | w:oc
      D1 /0          | ROL Ev:rw,1                | w:oc
      D2 /0          | ROL Eb:rw,CL               | r:oc w:c u:o
      D3 /0          | ROL Ev:rw,CL               | r:oc w:c u:o
      C0 /1 ib       | ROR Eb:rw,Ib               | r:oc w:c u:o
      C1 /1 ib       | ROR Ev:rw,Ib               | r:oc w:c u:o
      D0 /1          | ROR Eb:rw,1                | w:oc
      D1 /1          | ROR Ev:rw,1                | w:oc
      D2 /1          | ROR Eb:rw,CL               | r:oc w:c u:o
      D3 /1          | ROR Ev:rw,CL               | r:oc w:c u:o
      C0 /2 ib       | RCL Eb:rw,Ib               | r:oc w:c u:o
      C1 /2 ib       | RCL Ev:rw,Ib               | r:oc w:c u:o
      D0 /2          | RCL Eb:rw,1                | r:c w:oc
      D1 /2          | RCL Ev:rw,1                | r:c w:oc
      D2 /2          | RCL Eb:rw,CL               | r:oc w:c u:o
      D3 /2          | RCL Ev:rw,CL               | r:oc w:c u:o
      C0 /3 ib       | RCR Eb:rw,Ib               | r:oc w:c u:o
      C1 /3 ib       | RCR Ev:rw,Ib               | r:oc w:c u:o
      D0 /3          | RCR Eb:rw,1                | r:c w:oc
      D1 /3          | RCR Ev:rw,1                | r:c w:oc
      D2 /3          | RCR Eb:rw,CL               | r:oc w:c u:o
      D3 /3          | RCR Ev:rw,CL               | r:oc w:c u:o
      C0 /4 ib       | SHL Eb:rw,Ib               | r:oszapc w:szpc u:oa
      C1 /4 ib       | SHL Ev:rw,Ib               | r:oszapc w:szpc u:oa
      D0 /4          | SHL Eb:rw,1                | w:oszpc u:a
      D1 /4          | SHL Ev:rw,1                | w:oszpc u:a
      D2 /4          | SHL Eb:rw,CL               | r:oszapc w:szpc u:oa
      D3 /4          | SHL Ev:rw,CL               | r:oszapc w:szpc u:oa
      C0 /5 ib       | SHR Eb:rw,Ib               | r:oszapc w:szpc u:oa
      C1 /5 ib       | SHR Ev:rw,Ib               | r:oszapc w:szpc u:oa
      D0 /5          | SHR Eb:rw,1                | w:oszpc u:a
      D1 /5          | SHR Ev:rw,1                | w:oszpc u:a
      D2 /5          | SHR Eb:rw,CL               | r:oszapc w:szpc u:oa
      D3 /5          | SHR Ev:rw,CL               | r:oszapc w:szpc u:oa
      C0 /6 ib       | SHL Eb:rw,Ib               | r:oszapc w:szpc u:oa
      C1 /6 ib       | SHL Ev:rw,Ib               | r:oszapc w:szpc u:oa
      D0 /6          | SHL Eb:rw,1                | w:oszpc u:a
      D1 /6          | SHL Ev:rw,1                | w:oszpc u:a
      D2 /6          | SHL Eb:rw,CL               | r:oszapc w:szpc u:oa
      D3 /6          | SHL Ev:rw,CL               | r:oszapc w:szpc u:oa
      C0 /7 ib       | SAR Eb:rw,Ib               | r:oszapc w:szpc u:oa
      C1 /7 ib       | SAR Ev:rw,Ib               | r:oszapc w:szpc u:oa
      D0 /7          | SAR Eb:rw,1                | w:oszpc u:a
      D1 /7          | SAR Ev:rw,1                | w:oszpc u:a
      D2 /7          | SAR Eb:rw,CL               | r:oszapc w:szpc u:oa
      D3 /7          | SAR Ev:rw,CL               | r:oszapc w:szpc u:oa
      27             | DAA                        | r:ac w:szapc u:o   | no64 <RAX >RAX
      2F             | DAS                        | r:ac w:szapc u:o   | no64 <RAX >RAX
      37             | AAA                        | r:a w:ac u:oszp    | no64 <RAX >RAX
      3F             | AAS                        | r:a w:ac u:oszp    | no64 <RAX >RAX
      D4 ib          | AAM Ib                     | w:szp u:oac        | no64 <RAX >RAX
      D5 ib          | AAD Ib                     | w:szp u:oac        | no64 <RAX >RAX
      D6             | SALC                       | r:c                | no64 >RAX
      40+r           | INC Zv:rw                  | w:oszap            | no64
      48+r           | DEC Zv:rw                  | w:oszap            | no64
      FE /0          | INC Eb:rw                  | w:oszap            | lock
      FE /1          | DEC Eb:rw                  | w:oszap            | lock
      FF /0          | INC Ev:rw                  | w:oszap            | lock
      FF /1          | DEC Ev:rw                  | w:oszap            | lock
      F6 /0 ib       | TEST Eb:r,Ib               | w:oszpc u:a
      F6 /1 ib       | TEST Eb:r,Ib               | w:oszpc u:a
      F6 /2          | NOT Eb:rw                  |                    | lock
      F6 /3          | NEG Eb:rw                  | w:oszapc           | lock
      F6 /4          | MUL Eb:r                   | w:oc u:szap        | <RAX >RAX
      F6 /5          | IMUL Eb:r                  | w:oc u:szap        | =IMUL1 <RAX >RAX
      F6 /6          | DIV Eb:r                   | u:oszapc           | <RAX >RAX
      F6 /7          | IDIV Eb:r                  | u:oszapc           | <RAX >RAX
      F7 /0 iz       | TEST Ev:r,Iz               | w:oszpc u:a
      F7 /1 iz       | TEST Ev:r,Iz               | w:oszpc u:a
      F7 /2          | NOT Ev:rw                  |                    | lock
      F7 /3          | NEG Ev:rw                  | w:oszapc           | lock
      F7 /4          | MUL Ev:r                   | w:oc u:szap        | <RAX >RAX,RDX
      F7 /5          | IMUL Ev:r                  | w:oc u:szap        | =IMUL1 <RAX >RAX,RDX
      F7 /6          | DIV Ev:r                   | u:oszapc           | <RAX,RDX >RAX,RDX
      F7 /7          | IDIV Ev:r                  | u:oszapc           | <RAX,RDX >RAX,RDX
      0F AF /r       | IMUL Gv:rw,Ev              | w:oc u:szap        | =IMUL2
      69 /r iz       | IMUL Gv,Ev,Iz              | w:oc u:szap        | =IMUL3
      6B /r ib       | IMUL Gv,Ev,sIb             | w:oc u:szap        | =IMUL3
      84 /r          | TEST Eb:r,Gb               | w:oszpc u:a
      85 /r          | TEST Ev:r,Gv               | w:oszpc u:a
      A8 ib          | TEST AL:r,Ib               | w:oszpc u:a
      A9 iz          | TEST rAX:r,Iz              | w:oszpc u:a
      86 /r          | XCHG Eb:rw,Gb:rw           |                    | lock
      87 /r          | XCHG Ev:rw,Gv:rw           |                    | lock
      90+r           | XCHG Zv:rw,rAX:rw
      NB 90          | NOP
      F3 90          | PAUSE
      88 /r          | MOV Eb,Gb
      89 /r          | MOV Ev,Gv
      8A /r          | MOV Gb,Eb
      8B /r          | MOV Gv,Ev
      A0 mo          | MOV AL,Ob
      A1 mo          | MOV rAX,Ov
      A2 mo          | MOV Ob,AL
      A3 mo          | MOV Ov,rAX
      B0+r ib        | MOV Zb,Ib
      B8+r iv        | MOV Zv,Iv
      C6 /0 ib       | MOV Eb,Ib
      C7 /0 iz       | MOV Ev,Iz
      8D /r          | LEA Gv,M
      63 /r          | MOVSXD Gv,Ez               |                    | only64
      0F B6 /r       | MOVZX Gv,Eb
      0F B7 /r       | MOVZX Gv,Ew
      0F BE /r       | MOVSX Gv,Eb
      0F BF /r       | MOVSX Gv,Ew
      98             | CBW/CWDE/CDQE              |                    | <RAX >RAX
      99             | CWD/CDQ/CQO                |                    | <RAX >RDX
      0F C8+r        | BSWAP Zv:rw
      D7             | XLATB                      |                    | =XLAT <RAX,RBX >RAX
      50+r           | PUSH Zv:r                  |                    | d64 <RSP >RSP
      58+r           | POP Zv                     |                    | d64 <RSP >RSP
      68 iz          | PUSH Iz                    |                    | d64 <RSP >RSP
      6A ib          | PUSH sIb                   |                    | d64 <RSP >RSP
      FF /6          | PUSH Ev:r                  |                    | d64 <RSP >RSP
      8F /0          | POP Ev                     |                    | d64 <RSP >RSP
      60             | PUSHA/PUSHAD/PUSHAD        |                    | no64 <ALL,RSP >RSP
      61             | POPA/POPAD/POPAD           |                    | no64 <RSP >ALL,RSP
      C8 iw ib       | ENTER Iw,Ib2               |                    | d64 <RSP,RBP >RSP,RBP
      C9             | LEAVE                      |                    | d64 <RBP >RSP,RBP
      9E             | SAHF                       | w:szapc            | <RAX
      9F             | LAHF                       | r:szapc            | <RAX >RAX
      F5             | CMC                        | r:c w:c
      F8             | CLC                        | w:c
      F9             | STC                        | w:c
      FC             | CLD                        | w:d
      FD             | STD                        | w:d
      62 /r          | BOUND Gv:r,Ma              |                    | no64
      0F 40+cc /r    | CMOVcc Gv:rw,Ev            |                    | =CMOVCC
      0F 90+cc /r    | SETcc Eb                   |                    | =SETCC
      0F A3 /r       | BT Ev:r,Gv                 | w:c u:osap
      0F AB /r       | BTS Ev:rw,Gv               | w:c u:osap         | lock
      0F B3 /r       | BTR Ev:rw,Gv               | w:c u:osap         | lock
      0F BB /r       | BTC Ev:rw,Gv               | w:c u:osap         | lock
      0F BA /4 ib    | BT Ev:r,Ib                 | w:c u:osap
      0F BA /5 ib    | BTS Ev:rw,Ib               | w:c u:osap         | lock
      0F BA /6 ib    | BTR Ev:rw,Ib               | w:c u:osap         | lock
      0F BA /7 ib    | BTC Ev:rw,Ib               | w:c u:osap         | lock
      0F BC /r       | BSF Gv:rw,Ev               | w:z u:osapc
      0F BD /r       | BSR Gv:rw,Ev               | w:z u:osapc
      0F A4 /r ib    | SHLD Ev:rw,Gv,Ib           | r:oszapc w:szpc u:oa
      0F A5 /r       | SHLD Ev:rw,Gv,CL           | r:oszapc w:szpc u:oa
      0F AC /r ib    | SHRD Ev:rw,Gv,Ib           | r:oszapc w:szpc u:oa
      0F AD /r       | SHRD Ev:rw,Gv,CL           | r:oszapc w:szpc u:oa
      0F B0 /r       | CMPXCHG Eb:rw,Gb           | w:oszapc           | lock <RAX >RAX
      0F B1 /r       | CMPXCHG Ev:rw,Gv           | w:oszapc           | lock <RAX >RAX
      0F C0 /r       | XADD Eb:rw,Gb:rw           | w:oszapc           | lock
      0F C1 /r       | XADD Ev:rw,Gv:rw           | w:oszapc           | lock
      0F C7 /1       | CMPXCHG8B Mq:rw            | w:z                | lock +CX8 <RAX,RDX,RBX,RCX >RAX,RDX
      REX.W 0F C7 /1 | CMPXCHG16B Mdq:rw          | w:z                | lock aligned +CX16 <RAX,RDX,RBX,RCX >RAX,RDX
      NP 0F C3 /r    | MOVNTI My,Gy               |                    | +SSE2
      NP 0F 38 F9 /r | MOVDIRI My,Gy              |                    | +MOVDIRI
      0F 18 /0       | PREFETCHNTA M              |                    | +SSE
      0F 18 /1       | PREFETCHT0 M               |                    | +SSE
      0F 18 /2       | PREFETCHT1 M               |                    | +SSE
      0F 18 /3       | PREFETCHT2 M               |                    | +SSE
      0F 18 /r       | NOP Ev:r
      0F 19 /r       | NOP Ev:r
      0F 1A /r       | NOP Ev:r
      0F 1B /r       | NOP Ev:r
      0F 1C /r       | NOP Ev:r
      0F 1D /r       | NOP Ev:r
      0F 1E /r       | NOP Ev:r
      F3 0F 1E FA    | ENDBR64                    |                    | =NOP
      F3 0F 1E FB    | ENDBR32                    |                    | =NOP
      0F 1F /r       | NOP Ev:r
      0F 0D /r       | NOP Ev:r
      0F 0D /1       | PREFETCHW M                |                    | +PRFCHW
      0F 0D /2       | PREFETCHWT1 M              |                    | =PREFETCHW +PRFCHW
      @ user string
      A4             | MOVSB Yb,Xb                | r:d                | =MOVS <RSI,RDI >RSI,RDI
      A5             | MOVSW/MOVSD/MOVSQ Yv,Xv    | r:d                | =MOVS <RSI,RDI >RSI,RDI
      A6             | CMPSB Xb:r,Yb              | r:oszapcd w:oszapc | =CMPS <RSI,RDI >RSI,RDI
      A7             | CMPSW/CMPSD/CMPSQ Xv:r,Yv  | r:oszapcd w:oszapc | =CMPS <RSI,RDI >RSI,RDI
      AA             | STOSB Yb,AL                | r:d                | =STOS <RDI >RDI
      AB             | STOSW/STOSD/STOSQ Yv,rAX   | r:d                | =STOS <RDI >RDI
      AC             | LODSB AL,Xb                | r:d                | =LODS <RSI >RSI
      AD             | LODSW/LODSD/LODSQ rAX,Xv   | r:d                | =LODS <RSI >RSI
      AE             | SCASB AL:r,Yb              | r:oszapcd w:oszapc | =SCAS <RDI >RDI
      AF             | SCASW/SCASD/SCASQ rAX:r,Yv | r:oszapcd w:oszapc | =SCAS <RDI >RDI
      @ string ends
      6C             | INSB Yb,DX                 | r:d                | =INS <RDI >RDI
      6D             | INSW/INSD/INSD Yz,DX       | r:d                | =INS <RDI >RDI
      6E             | OUTSB DX:r,Xb              | r:d                | =OUTS <RSI >RSI
      6F             | OUTSW/OUTSD/OUTSD DX:r,Xz  | r:d                | =OUTS <RSI >RSI
      @ user branch f64
      70+cc cb       | Jcc Jb                     |                    | =JCC
      0F 80+cc cz    | Jcc Jz                     |                    | =JCC
      E0 cb          | LOOPNE Jb                  | r:z                | <RCX >RCX
      E1 cb          | LOOPE Jb                   | r:z                | <RCX >RCX
      E2 cb          | LOOP Jb                    |                    | <RCX >RCX
      a16 E3 cb      | JCXZ Jb                    |                    | =JRCXZ <RCX
      a32 E3 cb      | JECXZ Jb                   |                    | =JRCXZ <RCX
      a64 E3 cb      | JRCXZ Jb                   |                    | <RCX
      E8 cz          | CALL Jz                    |                    | <RSP >RSP
      E9 cz          | JMP Jz
      EB cb          | JMP Jb
      FF /2          | CALL Ev:r                  |                    | <RSP >RSP
      FF /4          | JMP Ev:r
      C2 iw          | RET Iw                     |                    | <RSP >RSP
      C3             | RET                        |                    | <RSP >RSP
      @ branch
      9A cp          | CALL Ap                    |                    | no64 =CALL_FAR <RSP >RSP
      EA cp          | JMP Ap                     |                    | no64 =JMP_FAR
      FF /3          | CALL Mp:r                  |                    | =CALL_FAR <RSP >RSP
      FF /5          | JMP Mp:r                   |                    | =JMP_FAR
      CA iw          | RETF Iw                    |                    | =RET_FAR <RSP >RSP
      CB             | RETF                       |                    | =RET_FAR <RSP >RSP
      CF             | IRET/IRETD/IRETQ           | w:oszapcdi         | =IRET <RSP >RSP
      CC             | INT3                       |                    | <RSP >RSP
      CD ib          | INT Ib                     |                    | <RSP >RSP
      CE             | INTO                       | r:o                | no64 <RSP >RSP
      F1             | INT1                       |                    | <RSP >RSP
      @
      8C /r          | MOV Rv/Mw,Sw               |                    | =MOV_SREG
      8E /r          | MOV Sw,Ew                  |                    | ends =MOV_SREG
      06             | PUSH ES:r                  |                    | no64 =PUSH_SREG <RSP >RSP
      0E             | PUSH CS:r                  |                    | no64 =PUSH_SREG <RSP >RSP
      16             | PUSH SS:r                  |                    | no64 =PUSH_SREG <RSP >RSP
      1E             | PUSH DS:r                  |                    | no64 =PUSH_SREG <RSP >RSP
      0F A0          | PUSH FS:r                  |                    | d64 =PUSH_SREG <RSP >RSP
      0F A8          | PUSH GS:r                  |                    | d64 =PUSH_SREG <RSP >RSP
      07             | POP ES                     |                    | no64 ends =POP_SREG <RSP >RSP
      17             | POP SS                     |                    | no64 ends =POP_SREG <RSP >RSP
      1F             | POP DS                     |                    | no64 ends =POP_SREG <RSP >RSP
      0F A1          | POP FS                     |                    | d64 ends =POP_SREG <RSP >RSP
      0F A9          | POP GS                     |                    | d64 ends =POP_SREG <RSP >RSP
      C4 /r          | LES Gv,Mp                  |                    | no64 ends
      C5 /r          | LDS Gv,Mp                  |                    | no64 ends
      0F B2 /r       | LSS Gv,Mp                  |                    | ends
      0F B4 /r       | LFS Gv,Mp                  |                    | ends
      0F B5 /r       | LGS Gv,Mp                  |                    | ends
      9C             | PUSHF/PUSHFD/PUSHFQ        | r:oszapcd          | d64 <RSP >RSP
      9D             | POPF/POPFD/POPFQ           | w:oszapcd          | d64 ends <RSP >RSP
      FA             | CLI                        | w:i                | ends
      FB             | STI                        | w:i                | ends
      F4             | HLT                        |                    | privileged ends
      E4 ib          | IN AL,Ib                   |                    | ends
      E5 ib          | IN eAX,Ib                  |                    | ends
      E6 ib          | OUT Ib,AL                  |                    | ends
      E7 ib          | OUT Ib,eAX                 |                    | ends
      EC             | IN AL,DX                   |                    | ends
      ED             | IN eAX,DX                  |                    | ends
      EE             | OUT DX:r,AL                |                    | ends
      EF             | OUT DX:r,eAX               |                    | ends
      """;

  private IntegerRows() {}
}
