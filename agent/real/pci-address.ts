// Finds the PCI device that something in /sys hangs on, and reads its ids. Knows nothing of what it is.
import { readText, resolveLink } from './files.ts';

const PCI_ADDRESS = /^[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/;

export const isPciAddress = (text: string): boolean => PCI_ADDRESS.test(text);

/** The last PCI address on the way: a virtio port hangs on `…/0000:00:03.0/virtio2`. */
export async function pciAddressBehind(...link: readonly string[]): Promise<string | null> {
  const target = await resolveLink(...link);
  return target?.split('/').findLast(isPciAddress) ?? null;
}

/** Four hexadecimal digits of a PCI device's folder; null for what is none. */
export const readPciId = async (folder: string, file: 'vendor' | 'device'): Promise<string | null> =>
  hex(await readText(folder, file), 4);

/** `0x10DE` with 4 digits is `10de`. */
export const hex = (text: string | null, digits: number): string | null =>
  text?.toLowerCase().match(new RegExp(`^(?:0x)?([0-9a-f]{${digits}})$`))?.[1] ?? null;
