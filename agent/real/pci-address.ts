// Finds the PCI device that something in /sys hangs on. Knows nothing of what it is.
import { resolveLink } from './files.ts';

const PCI_ADDRESS = /^[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/;

export const isPciAddress = (text: string): boolean => PCI_ADDRESS.test(text);

/** The last PCI address on the way: a virtio port hangs on `…/0000:00:03.0/virtio2`. */
export async function pciAddressBehind(...link: readonly string[]): Promise<string | null> {
  const target = await resolveLink(...link);
  return target?.split('/').findLast(isPciAddress) ?? null;
}
