// Makes and checks feed cursors: signed, so that a forged one is told from an old one.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { codedError } from '../../../../schema/errors.ts';
import { readFeedCursor, writeFeedCursor } from '../../../../schema/feed-cursor.ts';

export interface FeedCursors {
  make(position: bigint): string;
  /** Throws CURSOR_INVALID. */
  parse(cursor: string): bigint;
}

const SIGNATURE_BYTES = 12;

/** Of another log than the alarm feed: another version, so that neither takes the other's cursors. */
export function feedCursors(secret: string, version: '1' | 'hosts1' = '1'): FeedCursors {
  const sign = (position: string): Buffer =>
    createHmac('sha256', secret).update(`${version}.${position}`).digest().subarray(0, SIGNATURE_BYTES);
  return {
    make: position =>
      writeFeedCursor({
        version,
        position: String(position),
        signature: sign(String(position)).toString('base64url'),
      }),
    parse: cursor => {
      const parts = readFeedCursor(cursor);
      const given = Buffer.from(parts?.signature ?? '', 'base64url');
      const isOurs =
        parts?.version === version && given.length === SIGNATURE_BYTES && timingSafeEqual(given, sign(parts.position));
      if (!isOurs)
        throw codedError('CURSOR_INVALID', 'This cursor was not given out by this feed: start without `after`.');
      return BigInt(parts.position);
    },
  };
}
