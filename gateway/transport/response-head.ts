// Reads the head of an HTTP/1.1 response: only what framing and reuse of the connection need. Strict where leniency would
// let two readers see two different answers (RFC 9112, sections 5 and 6).
import { BadResponse } from './bad-response.ts';

export interface ResponseHead {
  readonly status: number;
  /** Bytes of the body; null when its end is told another way. */
  readonly length: number | null;
  readonly isChunked: boolean;
  /** Whether the connection may carry another request afterwards. */
  readonly keepsAlive: boolean;
  /** How long the other side says it keeps an idle connection, in ms. */
  readonly keepAliveMs: number | null;
}

const STATUS = /^HTTP\/1\.[01] [1-5]\d\d(?: |\r\n|$)/;
const LENGTH = /^\d{1,15}$/;
const TIMEOUT = /(?:^|[\s,;])timeout=(\d{1,6})/i;

/** Of the names that matter. */
const LENGTHS: ReadonlySet<number> = new Set(
  ['connection', 'keep-alive', 'content-length', 'content-encoding', 'transfer-encoding'].map(name => name.length),
);

/** `text` without the empty line that ends it. Nothing is cut out of it that is not needed: this is done for each answer. */
export function readHead(text: string): ResponseHead {
  if (!STATUS.test(text)) throw new BadResponse('sent no HTTP');
  let length: number | null = null;
  let isChunked = false;
  let keepsAlive = text[7] === '1';
  let keepAliveMs: number | null = null;
  for (let at = text.indexOf('\r\n'); at >= 0 && at < text.length; ) {
    const from = at + 2;
    at = text.indexOf('\r\n', from);
    const colon = text.indexOf(':', from);
    const end = at < 0 ? text.length : at;
    if (colon <= from || colon >= end || text.charCodeAt(from) <= 0x20) throw new BadResponse('sent a broken header');
    if (!LENGTHS.has(colon - from)) continue;
    const value = text.slice(colon + 1, end).trim();
    switch (text.slice(from, colon).toLowerCase()) {
      case 'connection':
        keepsAlive = keepsAliveAfter(value, keepsAlive);
        break;
      case 'keep-alive':
        keepAliveMs = timeoutOf(value);
        break;
      case 'content-length':
        length = lengthOf(value, length);
        break;
      case 'content-encoding':
        refuseCoding(value);
        break;
      case 'transfer-encoding':
        if (isChunked || value.toLowerCase() !== 'chunked') throw new BadResponse('sent an unknown transfer coding');
        isChunked = true;
    }
  }
  if (isChunked && length !== null) throw new BadResponse('told the length of its answer in two ways');
  return { status: Number(text.slice(9, 12)), length, isChunked, keepsAlive, keepAliveMs };
}

function keepsAliveAfter(connection: string, before: boolean): boolean {
  const options = connection
    .toLowerCase()
    .split(',')
    .map(option => option.trim());
  if (options.includes('close')) return false;
  return before || options.includes('keep-alive');
}

function timeoutOf(keepAlive: string): number | null {
  const seconds = TIMEOUT.exec(keepAlive)?.[1];
  return seconds === undefined ? null : Number(seconds) * 1_000;
}

function lengthOf(value: string, before: number | null): number {
  const length = LENGTH.test(value) ? Number(value) : Number.NaN;
  if (Number.isNaN(length) || (before !== null && before !== length))
    throw new BadResponse('told the length of its answer wrongly');
  return length;
}

/** None was offered. */
function refuseCoding(coding: string): void {
  if (coding.toLowerCase() !== 'identity') throw new BadResponse(`answered in the coding ${coding.slice(0, 20)}`);
}
