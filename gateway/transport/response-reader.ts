// Reads one HTTP/1.1 response from the bytes of a connection, as they come: framed by length, by chunks or by the end of
// the connection, with bounds on head and body. Knows nothing of sockets.
import { BadResponse } from './bad-response.ts';
import { type ChunkedBody, chunkedBody } from './chunked-body.ts';
import { type ResponseHead, readHead } from './response-head.ts';

/** Bytes of the head, with all 1xx heads before it. */
const HEAD_LIMIT = 16 * 1024;
const HEAD_END = '\r\n\r\n';

export interface HttpResponse {
  readonly status: number;
  readonly body: Buffer;
  /** Whether the connection may carry another request. */
  readonly reusable: boolean;
  /** How long the other side says it keeps an idle connection, in ms. */
  readonly keepAliveMs: number | null;
}

/** `push` and `end` throw BadResponse. */
export interface ResponseReader {
  /** The next response begins, whatever became of the one before. */
  begin(maxBytes: number): void;
  /** The response once it is whole, null while more is to come. What is kept until then is a copy; the body may be none. */
  push(bytes: Buffer): HttpResponse | null;
  /** The other side ends the connection: the response if that completes it, null if it breaks it off. */
  end(): HttpResponse | null;
}

/** Of one connection: response after response. */
export function responseReader(): ResponseReader {
  let maxBytes = 0;
  let early: Buffer | null = null;
  let headBytes = 0;
  let head: ResponseHead | null = null;
  let chunks: ChunkedBody | null = null;
  let size = 0;
  let parts: Buffer[] = [];

  const whole = (body: Buffer, excess: boolean): HttpResponse => {
    const { status, keepsAlive, keepAliveMs } = head!;
    return { status, body, reusable: keepsAlive && !excess, keepAliveMs };
  };

  const pushBody = (bytes: Buffer): HttpResponse | null => {
    if (chunks) {
      const end = chunks.push(Buffer.from(bytes), parts);
      return end < 0 ? null : whole(Buffer.concat(parts), end < bytes.length);
    }
    const due = head!.length === null ? bytes.length : head!.length - size;
    const part = bytes.length > due ? bytes.subarray(0, due) : bytes;
    size += part.length;
    if (size > maxBytes) throw tooLarge(maxBytes);
    const isWhole = size === head!.length;
    if (isWhole && parts.length === 0) return whole(part, bytes.length > due);
    parts.push(Buffer.from(part));
    return isWhole ? whole(Buffer.concat(parts), bytes.length > due) : null;
  };

  const pushHead = (given: Buffer): HttpResponse | null => {
    let bytes = early ? Buffer.concat([early, given]) : given;
    for (;;) {
      const end = bytes.indexOf(HEAD_END, 0, 'latin1');
      if (headBytes + (end < 0 ? bytes.length : end) > HEAD_LIMIT)
        throw new BadResponse(`sent a head of more than ${HEAD_LIMIT} bytes`);
      if (end < 0) {
        early = Buffer.from(bytes);
        return null;
      }
      const read = readHead(bytes.toString('latin1', 0, end));
      bytes = bytes.subarray(end + HEAD_END.length);
      if (read.status === 101) throw new BadResponse('changed the protocol');
      if (read.status >= 200) {
        head = framed(read);
        break;
      }
      headBytes += end + HEAD_END.length; // 1xx: the real one follows
    }
    if (head.length !== null && head.length > maxBytes) throw tooLarge(maxBytes);
    if (head.isChunked) chunks = chunkedBody(maxBytes);
    return pushBody(bytes);
  };

  return {
    begin: limit => {
      maxBytes = limit;
      early = null;
      headBytes = 0;
      head = null;
      chunks = null;
      size = 0;
      if (parts.length > 0) parts = [];
    },
    push: bytes => (head === null ? pushHead(bytes) : pushBody(bytes)),
    end: () => (head !== null && head.length === null && !head.isChunked ? whole(Buffer.concat(parts), false) : null),
  };
}

/** What ends with the connection cannot be followed by anything; 204 and 304 have no body, whatever they say. */
function framed(head: ResponseHead): ResponseHead {
  if (head.status === 204 || head.status === 304) return { ...head, length: 0, isChunked: false };
  return head.length === null && !head.isChunked ? { ...head, keepsAlive: false } : head;
}

const tooLarge = (maxBytes: number): BadResponse => new BadResponse(`answered more than ${maxBytes} bytes`);
