// Whether a BMC's certificate is to be trusted: by an authority, or by its own fingerprint. Most BMCs come with one that
// they signed themselves; there is no way here to take just any.
import type { TLSSocket } from 'node:tls';
import { buildConnector } from 'undici';
import { BmcError } from '../bmc-error.ts';

export interface CertificateTrust {
  /** PEM of all authorities that count; null for those that Node comes with. */
  readonly authorities: string | null;
  /** SHA-256 of the certificate, `AB:CD:…`: decides alone when it is known. */
  fingerprint(): string | null;
  /** Takes the fingerprint of a BMC of which none is known yet; null when an authority decides then. */
  readonly onFirst: ((fingerprint: string) => void) | null;
}

export const normalFingerprint = (fingerprint: string): string => fingerprint.toUpperCase().replaceAll(':', '');

export function connectorFor(trust: CertificateTrust, timeoutMs: number): buildConnector.connector {
  // a resumed session shows no certificate
  const options = { timeout: timeoutMs, maxCachedSessions: 0, ...(trust.authorities ? { ca: trust.authorities } : {}) };
  const byAuthority = buildConnector({ ...options, rejectUnauthorized: true });
  const byFingerprint = buildConnector({ ...options, rejectUnauthorized: false });
  return (target, callback) => {
    const isSecure = target.protocol === 'https:';
    if (!isSecure || (trust.fingerprint() === null && trust.onFirst === null)) return byAuthority(target, callback);
    byFingerprint(target, (error, socket) => {
      const flaw = error ?? flawOf(trust, socket as TLSSocket);
      if (flaw === null) return callback(null, socket!);
      socket?.destroy(); // before a byte of ours was sent
      callback(flaw, null);
    });
  };
}

function flawOf(trust: CertificateTrust, socket: TLSSocket): Error | null {
  const seen = socket.getPeerCertificate().fingerprint256;
  if (!seen) return new BmcError('UNTRUSTED', 'The BMC showed no certificate.');
  const wanted = trust.fingerprint();
  if (wanted === null) {
    trust.onFirst?.(seen);
    return null;
  }
  if (normalFingerprint(wanted) === normalFingerprint(seen)) return null;
  return new BmcError(
    'UNTRUSTED',
    `The BMC shows the certificate ${seen}, not ${wanted}: when it was replaced on purpose, set inventory.bmc.tls.fingerprints.`,
  );
}
