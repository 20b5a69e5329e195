package dev.ringzero.devices.igb;

/**
 * Offsets of registers in the memory BAR of the physical function.
 *
 * @spec Intel 82576EB Gigabit Ethernet Controller Datasheet, "Programming Interface"
 */
final class Register {
  static final int CTRL = 0x0000; // Device Control
  static final int CTRL_ALIAS = 0x0004; // Device Control
  static final int STATUS = 0x0008; // Device Status
  static final int EECD = 0x0010; // EEPROM/Flash Control and Data
  static final int EERD = 0x0014; // EEPROM Read
  static final int CTRL_EXT = 0x0018; // Extended Device Control
  static final int MDIC = 0x0020; // MDI Control
  static final int FCAL = 0x0028; // Flow Control Address Low
  static final int FCAH = 0x002C; // Flow Control Address High
  static final int FCT = 0x0030; // Flow Control Type
  static final int VET = 0x0038; // VLAN Ether Type
  static final int ICR = 0x00C0; // Interrupt Cause Read
  static final int ICS = 0x00C8; // Interrupt Cause Set
  static final int IMS = 0x00D0; // Interrupt Mask Set/Read
  static final int IMC = 0x00D8; // Interrupt Mask Clear
  static final int IAM = 0x00E0; // Interrupt Acknowledge Auto Mask
  static final int RCTL = 0x0100; // Receive Control
  static final int TCTL = 0x0400; // Transmit Control
  static final int TIPG = 0x0410; // Transmit Inter Packet Gap
  static final int VMBMEM = 0x0800; // VF Mailbox Memory, 64 bytes a function
  static final int P2VMAILBOX = 0x0C00; // PF to VF Mailbox, a word a function
  static final int V2PMAILBOX = 0x0C40; // VF to PF Mailbox, a word a function
  static final int MBVFICR = 0x0C80; // Mailbox VF Interrupt Causes
  static final int VFLRE = 0x0C88; // VF Function Level Reset Events
  static final int VFRE = 0x0C8C; // VF Receive Enable
  static final int VFTE = 0x0C90; // VF Transmit Enable
  static final int EEMNGCTL = 0x1010; // MNG EEPROM Control
  static final int FRTIMER = 0x1048; // Free Running Timer, microseconds
  static final int GPIE = 0x1514; // General Purpose Interrupt Enable
  static final int EICS = 0x1520; // Extended Interrupt Cause Set
  static final int EIMS = 0x1524; // Extended Interrupt Mask Set/Read
  static final int EIMC = 0x1528; // Extended Interrupt Mask Clear
  static final int EIAC = 0x152C; // Extended Interrupt Auto Clear
  static final int EIAM = 0x1530; // Extended Interrupt Auto Mask
  static final int EICR = 0x1580; // Extended Interrupt Cause
  static final int EITR = 0x1680; // Extended Interrupt Throttle, a word a vector
  static final int IVAR = 0x1700; // Interrupt Vector Allocation, queues n and n + 8
  static final int IVAR_MISC = 0x1740; // Interrupt Vector Allocation, other causes
  static final int FCRTH = 0x2168; // Flow Control Receive Threshold High
  static final int RX_QUEUE = 0x2800; // alias of the first four receive queues
  static final int DTXSWC = 0x3500; // DMA Tx Switch Control
  static final int WVBR = 0x3554; // Wrong VM Behavior
  static final int DTXCTL = 0x3590; // DMA Tx Control
  static final int VMVIR = 0x3700; // VM VLAN Insert, a word a pool
  static final int TX_QUEUE = 0x3800; // alias of the first four transmit queues
  static final int RXCSUM = 0x5000; // Receive Checksum Control
  static final int RLPML = 0x5004; // Receive Long Packet Maximum Length
  static final int MTA = 0x5200; // Multicast Table Array, 128 words
  static final int RA = 0x5400; // Receive Address 0 to 15, two words each
  static final int RA2 = 0x54E0; // Receive Address 16 to 23
  static final int VFTA = 0x5600; // VLAN Filter Table Array, 128 words
  static final int MRQC = 0x5818; // Multiple Receive Queues Command
  static final int VT_CTL = 0x581C; // VMDq Control
  static final int VMOLR = 0x5AD0; // VM Offload, a word a pool
  static final int RPLOLR = 0x5AF0; // Replicated Packet Offload
  static final int SWSM = 0x5B50; // Software Semaphore
  static final int FWSM = 0x5B54; // Firmware Semaphore
  static final int SW_FW_SYNC = 0x5B5C; // Software-Firmware Synchronization
  static final int RETA = 0x5C00; // Redirection Table, 128 bytes
  static final int RSSRK = 0x5C80; // RSS Random Key, 40 bytes
  static final int VLVF = 0x5D00; // VLAN VM Filter, 32 words
  static final int UTA = 0xA000; // Unicast Table Array, 128 words
  static final int SYSTIML = 0xB600; // System Time Low
  static final int SYSTIMH = 0xB604; // System Time High
  static final int TIMINCA = 0xB608; // Time Increment Attributes
  static final int LATCHED_TIME = 0xB6FC; // ours: the upper half of what SYSTIML last gave
  static final int RX_QUEUES = 0xC000; // receive queues 0 to 15
  static final int TX_QUEUES = 0xE000; // transmit queues 0 to 15
  static final int VF_REGISTERS = 0x10000; // what functions have of their own, 256 bytes each
  static final int VTIVAR = 0x11700; // VF Interrupt Vector Allocation, a word a function
  static final int VTIVAR_MISC = 0x11720; // the same for the mailbox

  static final int QUEUE_BYTES = 0x40; // from one queue to the next
  static final int ALIAS_BYTES = 0x100; // the same in the aliases
  static final int ALIASES = 4;

  static final int BAL = 0x00; // of a queue: Base Address Low
  static final int BAH = 0x04; // Base Address High
  static final int LEN = 0x08; // Length
  static final int SRRCTL = 0x0C; // Split and Replication Receive Control
  static final int HEAD = 0x10; // Head
  static final int TAIL = 0x18; // Tail
  static final int DCTL = 0x28; // Descriptor Control
  static final int RQDPC = 0x30; // Receive Queue Drop Packet Count
  static final int WBAL = 0x38; // Transmit Head Write-Back Address Low
  static final int WBAH = 0x3C; // Transmit Head Write-Back Address High

  private Register() {}
}
