// Makes and checks feed cursors: signed, so that a forged one is told from an old one.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { codedError } from '../../../../schema/errors.ts';
import { readFeedCursor, writeFeedCursor } from '../../../../schema/feed-cursor.ts';

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
      writeFeedCursor({
        version: VERSION,
        position: String(position),
        signature: sign(String(position)).toString('base64url'),
      }),
    parse: cursor => {
      const parts = readFeedCursor(cursor);
      const given = Buffer.from(parts?.signature ?? '', 'base64url');
      const isOurs =
        parts?.version === VERSION && given.length === SIGNATURE_BYTES && timingSafeEqual(given, sign(parts.position));
      if (!isOurs)
        throw codedError('CURSOR_INVALID', 'This cursor was not given out by this feed: start without `after`.');
      return BigInt(parts.position);
    },
  };
}
