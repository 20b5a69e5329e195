/** The engine that runs guests on the host's processor, through Linux KVM. */
package dev.ringzero.kvm;
