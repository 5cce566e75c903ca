// The form of a cursor of the alarm feed: a version, the fleet-wide position, a signature. Opaque to clients. The gateway
// reads the position to compare two places; only the fleet service, which signs, can tell a forged one.

export interface FeedCursorParts {
  readonly version: string;
  /** A whole number as text: it outgrows a double. */
  readonly position: string;
  readonly signature: string;
}

export const writeFeedCursor = ({ version, position, signature }: FeedCursorParts): string =>
  Buffer.from(`${version}.${position}.${signature}`).toString('base64url');

/** Null for what has not the form of a cursor. */
export function readFeedCursor(cursor: string): FeedCursorParts | null {
  const [version, position, signature] = Buffer.from(cursor, 'base64url').toString('utf8').split('.');
  if (version === undefined || signature === undefined || !/^\d{1,19}$/.test(position ?? '')) return null;
  return { version, position: position!, signature };
}

/** The position in a cursor that the fleet service gave out; null for any other text. */
export function feedPosition(cursor: string): bigint | null {
  const parts = readFeedCursor(cursor);
  return parts === null ? null : BigInt(parts.position);
}
