// Takes the chunked transfer coding of HTTP/1.1 apart, as the bytes come (RFC 9112, section 7.1). Extensions and trailers
// are read over.
import { BadResponse } from './bad-response.ts';

/** A chunk's size with its extensions, or all trailers, in bytes. */
const LINE_LIMIT = 4_096;
const SIZE = /^([0-9a-f]{1,8})[ \t]*(;|$)/i;

export interface ChunkedBody {
  /** Adds what the bytes hold of the body to `parts`; the place after its end, or -1 while more is to come. */
  push(bytes: Buffer, parts: Buffer[]): number;
}

export function chunkedBody(maxBytes: number): ChunkedBody {
  let state: 'size' | 'data' | 'data end' | 'trailer' = 'size';
  let line = '';
  let lineBytes = 0;
  let left = 0;
  let size = 0;

  /** Whether that line was the last. */
  const takeLine = (text: string): boolean => {
    if (state === 'trailer') return text === '';
    lineBytes = 0;
    if (state === 'data end') {
      if (text !== '') throw new BadResponse('sent a chunk that is longer than it said');
      state = 'size';
      return false;
    }
    const hex = SIZE.exec(text)?.[1];
    if (hex === undefined) throw new BadResponse('sent a chunk without a size');
    left = Number.parseInt(hex, 16);
    size += left;
    if (size > maxBytes) throw new BadResponse(`answered more than ${maxBytes} bytes`);
    state = left === 0 ? 'trailer' : 'data';
    return false;
  };

  return {
    push: (bytes, parts) => {
      let at = 0;
      while (at < bytes.length) {
        if (state === 'data') {
          const taken = Math.min(left, bytes.length - at);
          parts.push(bytes.subarray(at, at + taken));
          at += taken;
          left -= taken;
          if (left === 0) state = 'data end';
          continue;
        }
        const end = bytes.indexOf(0x0a, at);
        const until = end < 0 ? bytes.length : end + 1;
        lineBytes += until - at;
        if (lineBytes > LINE_LIMIT) throw new BadResponse('sent a chunk with a head that does not end');
        line += bytes.toString('latin1', at, until);
        at = until;
        if (end < 0) return -1;
        if (!line.endsWith('\r\n')) throw new BadResponse('sent a chunk whose size ends wrongly');
        const whole = line.slice(0, -2);
        line = '';
        if (takeLine(whole)) return at;
      }
      return -1;
    },
  };
}
