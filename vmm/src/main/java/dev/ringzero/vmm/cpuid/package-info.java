/** What CPUID tells a guest: processor models, their features and leaves. */
package dev.ringzero.vmm.cpuid;
