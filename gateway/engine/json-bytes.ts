// Reads over JSON in bytes without making anything of it. Each function takes the place where a value begins and gives the
// place after it, or -1 where there is no such value. No white space: nobody of ours writes any. Pure. A view reads four bytes
// at once, wherever they stand: that takes a third of the time of one by one.

import { quote } from '../../federation/json-text.ts';

/** Takes bytes, a place in them and their end, beyond which it must not look: a view throws there. */
export type Scan = (bytes: DataView, at: number, end: number) => number;

export const viewOf = ({ buffer, byteOffset, length }: Buffer): DataView => new DataView(buffer, byteOffset, length);

/** -1 at the end. */
export const byteAt = (bytes: DataView, at: number, end: number): number => (at < end ? bytes.getUint8(at) : -1);

const WORD = 4; // bytes

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const POINT = 0x2e;
const PLUS = 0x2b;
const COMMA = 0x2c;
const COLON = 0x3a;
const ZERO = 0x30;
const NINE = 0x39;
const MOST_LEVELS = 64; // of a value that may be any JSON

/** Whether the bytes are UTF-8 is for the caller to know. */
export const scanString: Scan = (bytes, at, end) => {
  if (byteAt(bytes, at, end) !== QUOTE) return -1;
  for (let i = at + 1; i < end; ) {
    if (i + WORD <= end) {
      const plain = plainBytes(bytes.getInt32(i, true));
      i += plain;
      if (plain === WORD) continue;
    }
    const byte = bytes.getUint8(i);
    if (byte === QUOTE) return i + 1;
    if (byte < 0x20) return -1;
    i = byte === BACKSLASH ? afterEscape(bytes, i, end) : i + 1;
    if (i < 0) return -1;
  }
  return -1;
};

/**
 * How many bytes at the begin of a word (little-endian) are neither quote nor backslash nor control character. Subtracting sets
 * the highest bit of a byte that was too small; what it borrows can only spoil bytes after that one. With bit 1 turned a quote
 * comes right behind the control characters, and a space behind the quote.
 */
function plainBytes(word: number): number {
  const turned = word ^ 0x02020202;
  const backslash = word ^ 0x5c5c5c5c;
  const found = (((turned - 0x21212121) & ~turned) | ((backslash - 0x01010101) & ~backslash)) & 0x80808080;
  return found === 0 ? WORD : (31 - Math.clz32(found & -found)) >> 3;
}

function afterEscape(bytes: DataView, at: number, end: number): number {
  switch (byteAt(bytes, at + 1, end)) {
    case QUOTE:
    case BACKSLASH:
    case 0x2f: // /
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return at + 2;
    case 0x75: // u
      for (let i = at + 2; i < at + 6; i++) if (!isHex(byteAt(bytes, i, end))) return -1;
      return at + 6;
    default:
      return -1;
  }
}

const isDigit = (byte: number): boolean => byte >= ZERO && byte <= NINE;
const isHex = (byte: number): boolean =>
  isDigit(byte) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);

const afterDigits = (bytes: DataView, at: number, end: number): number => {
  let i = at;
  while (isDigit(byteAt(bytes, i, end))) i++;
  return i === at ? -1 : i;
};

export const scanInt: Scan = (bytes, at, end) => {
  const from = byteAt(bytes, at, end) === MINUS ? at + 1 : at;
  if (byteAt(bytes, from, end) === ZERO) return isDigit(byteAt(bytes, from + 1, end)) ? -1 : from + 1;
  return afterDigits(bytes, from, end);
};

export const scanNumber: Scan = (bytes, at, end) => {
  let i = scanInt(bytes, at, end);
  if (i >= 0 && byteAt(bytes, i, end) === POINT) i = afterDigits(bytes, i + 1, end);
  if (i >= 0 && (byteAt(bytes, i, end) | 0x20) === 0x65) {
    const sign = byteAt(bytes, i + 1, end);
    i = afterDigits(bytes, sign === PLUS || sign === MINUS ? i + 2 : i + 1, end);
  }
  return i;
};

export const scanId: Scan = (bytes, at, end) =>
  byteAt(bytes, at, end) === QUOTE ? scanString(bytes, at, end) : scanInt(bytes, at, end);

/** These very bytes. */
export function scanText(text: string): Scan {
  const wanted = Buffer.from(text);
  const view = viewOf(wanted);
  const words = wanted.length - (wanted.length % WORD);
  return (bytes, at, end) => {
    const after = at + wanted.length;
    if (after > end) return -1;
    for (let i = 0; i < words; i += WORD) if (bytes.getInt32(at + i) !== view.getInt32(i)) return -1;
    for (let i = words; i < wanted.length; i++) if (bytes.getUint8(at + i) !== wanted[i]) return -1;
    return after;
  };
}

/** This text as a JSON string. Plain text is compared without making anything. */
export function scanThis(bytes: DataView, at: number, end: number, text: string): number {
  const after = at + text.length + 2;
  if (after > end || bytes.getUint8(at) !== QUOTE || bytes.getUint8(after - 1) !== QUOTE)
    return scanText(quote(text))(bytes, at, end);
  for (let i = 0; i < text.length; i++) {
    const character = text.charCodeAt(i);
    const isPlain = character >= 0x20 && character < 0x7f && character !== QUOTE && character !== BACKSLASH;
    if (!isPlain || bytes.getUint8(at + 1 + i) !== character) return scanText(quote(text))(bytes, at, end);
  }
  return after;
}

const scanTrue = scanText('true');
const scanFalse = scanText('false');
export const scanNull = scanText('null');

export const scanBoolean: Scan = (bytes, at, end) =>
  byteAt(bytes, at, end) === 0x74 ? scanTrue(bytes, at, end) : scanFalse(bytes, at, end);

/** Any JSON that is not nested too deeply. */
export const scanAny: Scan = (bytes, at, end) => scanNested(bytes, at, end, 0);

function scanNested(bytes: DataView, at: number, end: number, level: number): number {
  switch (byteAt(bytes, at, end)) {
    case QUOTE:
      return scanString(bytes, at, end);
    case 0x74:
    case 0x66:
      return scanBoolean(bytes, at, end);
    case 0x6e:
      return scanNull(bytes, at, end);
    case 0x7b:
      return scanItems(bytes, at, end, level, true);
    case 0x5b:
      return scanItems(bytes, at, end, level, false);
    default:
      return scanNumber(bytes, at, end);
  }
}

function scanItems(bytes: DataView, at: number, end: number, level: number, isObject: boolean): number {
  if (level === MOST_LEVELS) return -1;
  const close = bytes.getUint8(at) + 2; // } after {, ] after [
  if (byteAt(bytes, at + 1, end) === close) return at + 2;
  for (let i = at + 1; ; i++) {
    if (isObject) {
      i = scanString(bytes, i, end);
      if (i < 0 || byteAt(bytes, i, end) !== COLON) return -1;
      i++;
    }
    i = scanNested(bytes, i, end, level + 1);
    if (i < 0) return -1;
    const next = byteAt(bytes, i, end);
    if (next === close) return i + 1;
    if (next !== COMMA) return -1;
  }
}
