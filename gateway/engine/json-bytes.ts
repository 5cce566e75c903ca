// Reads over JSON in bytes without making anything of it. Each function takes the place where a value begins and gives the
// place after it, or -1 where there is no such value. No white space: nobody of ours writes any. Pure.

/** Takes bytes, a place in them and their end. */
export type Scan = (bytes: Uint8Array, at: number, end: number) => number;

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
  if (bytes[at] !== QUOTE) return -1;
  for (let i = at + 1; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === QUOTE) return i + 1;
    if (byte < 0x20) return -1;
    if (byte === BACKSLASH) {
      i = afterEscape(bytes, i, end) - 1;
      if (i < 0) return -1;
    }
  }
  return -1;
};

function afterEscape(bytes: Uint8Array, at: number, end: number): number {
  switch (bytes[at + 1]) {
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
      for (let i = at + 2; i < at + 6; i++) if (i >= end || !isHex(bytes[i]!)) return -1;
      return at + 6;
    default:
      return -1;
  }
}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= ZERO && byte <= NINE;
const isHex = (byte: number): boolean =>
  isDigit(byte) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);

const afterDigits = (bytes: Uint8Array, at: number, end: number): number => {
  let i = at;
  while (i < end && isDigit(bytes[i])) i++;
  return i === at ? -1 : i;
};

export const scanInt: Scan = (bytes, at, end) => {
  const from = bytes[at] === MINUS ? at + 1 : at;
  if (from >= end) return -1;
  if (bytes[from] === ZERO) return isDigit(bytes[from + 1]) && from + 1 < end ? -1 : from + 1;
  return afterDigits(bytes, from, end);
};

export const scanNumber: Scan = (bytes, at, end) => {
  let i = scanInt(bytes, at, end);
  if (i >= 0 && i < end && bytes[i] === POINT) i = afterDigits(bytes, i + 1, end);
  if (i >= 0 && i < end && (bytes[i]! | 0x20) === 0x65) {
    const sign = bytes[i + 1];
    i = afterDigits(bytes, sign === PLUS || sign === MINUS ? i + 2 : i + 1, end);
  }
  return i;
};

export const scanId: Scan = (bytes, at, end) =>
  bytes[at] === QUOTE ? scanString(bytes, at, end) : scanInt(bytes, at, end);

/** These very bytes. */
export function scanText(text: string): Scan {
  const wanted = Buffer.from(text);
  return (bytes, at, end) => {
    const after = at + wanted.length;
    if (after > end) return -1;
    for (let i = 0; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return -1;
    return after;
  };
}

const scanTrue = scanText('true');
const scanFalse = scanText('false');
export const scanNull = scanText('null');

export const scanBoolean: Scan = (bytes, at, end) =>
  bytes[at] === 0x74 ? scanTrue(bytes, at, end) : scanFalse(bytes, at, end);

/** Any JSON that is not nested too deeply. */
export const scanAny: Scan = (bytes, at, end) => scanNested(bytes, at, end, 0);

function scanNested(bytes: Uint8Array, at: number, end: number, level: number): number {
  switch (bytes[at]) {
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

function scanItems(bytes: Uint8Array, at: number, end: number, level: number, isObject: boolean): number {
  if (level === MOST_LEVELS) return -1;
  const close = bytes[at]! + 2; // } after {, ] after [
  if (at + 1 < end && bytes[at + 1] === close) return at + 2;
  for (let i = at + 1; ; i++) {
    if (isObject) {
      i = scanString(bytes, i, end);
      if (i < 0 || i >= end || bytes[i] !== COLON) return -1;
      i++;
    }
    i = i < end ? scanNested(bytes, i, end, level + 1) : -1;
    if (i < 0 || i >= end) return -1;
    if (bytes[i] === close) return i + 1;
    if (bytes[i] !== COMMA) return -1;
  }
}
