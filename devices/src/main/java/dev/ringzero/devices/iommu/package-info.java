/**
 * An IOMMU as in VT-d: what devices put on the bus, addresses and interrupt messages, is translated
 * by tables of the guest's. @spec Intel Virtualization Technology for Directed I/O 4.1
 */
package dev.ringzero.devices.iommu;
