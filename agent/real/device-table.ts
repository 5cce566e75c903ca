// Names of the PCI devices that edge hosts carry for special work. Ids that are not here are told by their class alone.
import type { DeviceKind } from '../report.ts';

interface KnownDevice {
  readonly kind: DeviceKind;
  readonly name: string;
}

const crypto = (name: string): KnownDevice => ({ kind: 'CRYPTO', name });
const accelerator = (name: string): KnownDevice => ({ kind: 'ACCELERATOR', name });
const gpu = (name: string): KnownDevice => ({ kind: 'GPU', name });

/** By `vendor:device`. PF is the physical function, VF one of its slices. */
export const KNOWN_DEVICES: Readonly<Record<string, KnownDevice>> = {
  '8086:0435': crypto('Intel QAT DH895xcc PF'),
  '8086:0443': crypto('Intel QAT DH895xcc VF'),
  '8086:37c8': crypto('Intel QAT C62x PF'),
  '8086:37c9': crypto('Intel QAT C62x VF'),
  '8086:4940': crypto('Intel QAT 4xxx PF'),
  '8086:4942': crypto('Intel QAT 401xx PF'),
  '8086:4946': crypto('Intel QAT 420xx PF'),
  '8086:0d8f': accelerator('Intel FPGA PAC N3000 5GNR FEC PF'),
  '8086:0d90': accelerator('Intel FPGA PAC N3000 5GNR FEC VF'),
  '8086:0d5c': accelerator('Intel vRAN Accelerator ACC100 PF'),
  '8086:0d5d': accelerator('Intel vRAN Accelerator ACC100 VF'),
  '8086:57c0': accelerator('Intel vRAN Boost ACC200 PF'),
  '8086:57c1': accelerator('Intel vRAN Boost ACC200 VF'),
  '10de:1eb8': gpu('NVIDIA T4'),
  '10de:2236': gpu('NVIDIA A10'),
  '10de:20b5': gpu('NVIDIA A100 PCIe 80GB'),
  '10de:20f1': gpu('NVIDIA A100 PCIe 40GB'),
  '10de:25b6': gpu('NVIDIA A2 / A16'),
  '10de:27b8': gpu('NVIDIA L4'),
  '10de:2331': gpu('NVIDIA H100 PCIe'),
};

/** Screens of management controllers and hypervisors: display class, but nothing that work runs on. By vendor. */
export const CONSOLE_ONLY_VENDORS: ReadonlySet<string> = new Set([
  '1a03', // ASPEED
  '102b', // Matrox
  '1013', // Cirrus, emulated
  '1234', // Bochs, emulated
  '1b36', // QXL
  '15ad', // VMware
  '1af4', // virtio
]);
