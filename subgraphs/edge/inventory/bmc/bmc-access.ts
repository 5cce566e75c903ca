// Where a host's BMC is and who may ask it: what the region knows before it has spoken with it.
import type { BmcType } from '../provisioning/declaration.ts';
import type { Protocol } from './board-controller.ts';

export interface BmcAccess {
  readonly hostId: string;
  readonly hostname: string | null;
  readonly serialNumber: string | null;
  readonly type: BmcType;
  readonly ip: string;
  readonly username: string;
  /** Sealed; null when none is known. */
  readonly sealedPassword: string | null;
  /** Of a simulated BMC; a real one is at its IP address by HTTPS. */
  readonly url: string | null;
}

/** With what was learnt when it was asked before. */
export interface KnownAccess extends BmcAccess {
  /** What it answered to; null when it never did. */
  readonly protocol: Protocol | null;
  /** SHA-256 of the certificate that it showed first, where that is kept. */
  readonly fingerprint: string | null;
}

/** Two accesses with the same text are one BMC, asked by the same user. */
export const accessKey = ({ type, ip, username, sealedPassword, url }: BmcAccess): string =>
  [type, ip, username, sealedPassword, url].join('\n');

export const originOf = ({ ip, url }: BmcAccess): string =>
  url === null ? `https://${ip.includes(':') ? `[${ip}]` : ip}` : new URL(url).origin;

/** `/redfish/v1` is the one path that every Redfish service has (DSP0266, 6.3). */
export const rootPathOf = ({ url }: BmcAccess): string =>
  `${url === null ? '' : new URL(url).pathname.replace(/\/$/, '')}/redfish/v1/`;
