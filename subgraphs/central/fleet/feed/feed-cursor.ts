// A feed cursor: opaque to clients, versioned and signed, so that a forged one is told from an old one.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { codedError } from '../../../../schema/errors.ts';

export interface FeedCursors {
  make(position: bigint): string;
  /** Throws CURSOR_INVALID. */
  parse(cursor: string): bigint;
}

const VERSION = '1';
const SIGNATURE_BYTES = 12;

export function feedCursors(secret: string): FeedCursors {
  const sign = (position: string): Buffer =>
    createHmac('sha256', secret).update(`${VERSION}.${position}`).digest().subarray(0, SIGNATURE_BYTES);
  return {
    make: position =>
      Buffer.from(`${VERSION}.${position}.${sign(String(position)).toString('base64url')}`).toString('base64url'),
    parse: cursor => {
      const [version, position, signature] = Buffer.from(cursor, 'base64url').toString('utf8').split('.');
      const given = Buffer.from(signature ?? '', 'base64url');
      const isOurs =
        version === VERSION &&
        /^\d{1,19}$/.test(position ?? '') &&
        given.length === SIGNATURE_BYTES &&
        timingSafeEqual(given, sign(position!));
      if (!isOurs)
        throw codedError('CURSOR_INVALID', 'This cursor was not given out by this feed: start without `after`.');
      return BigInt(position!);
    },
  };
}
