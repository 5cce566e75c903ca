// PCI devices that do special work, from /sys/bus/pci/devices: told by their id, else by their class.
import path from 'node:path';
import { graphqlInt } from '../graphql-int.ts';
import type { DeviceKind, DeviceReport } from '../report.ts';
import { CONSOLE_ONLY_VENDORS, KNOWN_DEVICES } from './device-table.ts';
import { listNames, readNumber, readText, resolveLink } from './files.ts';
import { hex, isPciAddress, readPciId } from './pci-address.ts';

/** `sys` is `/sys`. */
export async function readDevices(sys: string): Promise<DeviceReport[]> {
  const root = path.join(sys, 'bus/pci/devices');
  const addresses = (await listNames(root)).filter(isPciAddress);
  const devices = await Promise.all(addresses.map(address => readDevice(root, address)));
  return devices.filter(device => device !== null);
}

async function readDevice(root: string, pciAddress: string): Promise<DeviceReport | null> {
  const folder = path.join(root, pciAddress);
  const vendorId = await readPciId(folder, 'vendor');
  const deviceId = await readPciId(folder, 'device');
  const classCode = hex(await readText(folder, 'class'), 6);
  if (vendorId === null || deviceId === null || classCode === null) return null;
  const kind = classify(vendorId, deviceId, classCode);
  if (kind === null) return null;
  const driver = await resolveLink(folder, 'driver');
  const node = await readNumber(folder, 'numa_node');
  return {
    pciAddress,
    kind,
    vendorId,
    deviceId,
    name: KNOWN_DEVICES[`${vendorId}:${deviceId}`]?.name ?? null,
    driver: driver === null ? null : path.basename(driver),
    numaNode: node === null || node < 0 ? null : graphqlInt(node), // -1: the machine does not say
  };
}

/** Null for a device that does nothing special. Class codes are those of StarlingX. */
export function classify(vendorId: string, deviceId: string, classCode: string): DeviceKind | null {
  const known = KNOWN_DEVICES[`${vendorId}:${deviceId}`];
  if (known) return known.kind;
  if (classCode.startsWith('03')) return CONSOLE_ONLY_VENDORS.has(vendorId) ? null : 'GPU';
  if (classCode.startsWith('0b40')) return 'CRYPTO';
  return classCode.startsWith('12') ? 'ACCELERATOR' : null;
}
