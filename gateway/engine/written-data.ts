// The data of an answer that is JSON text already, in pieces: text that was written here, and bytes that came from a region
// and are passed on as they came. Whoever sends an answer takes the pieces as they are.

export type Piece = string | Buffer;

export interface WrittenData {
  readonly pieces: readonly Piece[];
  /** For those that know nothing of the pieces. */
  toJSON(): unknown;
}

const WRITTEN = Symbol('written');

export function writtenData(pieces: readonly Piece[]): WrittenData {
  const data: WrittenData & { readonly [WRITTEN]: true } = {
    pieces,
    toJSON: () => JSON.parse(textOf(pieces)) as unknown,
    [WRITTEN]: true,
  };
  return data;
}

const isWritten = (data: unknown): data is WrittenData => typeof data === 'object' && data !== null && WRITTEN in data;

export interface AnswerParts {
  readonly errors?: readonly unknown[] | undefined;
  readonly data?: unknown;
  readonly extensions?: unknown;
}

/** A whole answer as JSON, errors first, as @apollo/server orders it; `end` follows it. */
export function answerPieces({ errors, data, extensions }: AnswerParts, end = ''): Piece[] {
  const pieces: Piece[] = [];
  let text = '{';
  let comma = '';
  if (errors !== undefined) {
    text += `"errors":${JSON.stringify(errors)}`;
    comma = ',';
  }
  if (data !== undefined) {
    text += `${comma}"data":`;
    comma = ',';
    for (const piece of isWritten(data) ? data.pieces : [JSON.stringify(data)]) {
      if (typeof piece === 'string') text += piece;
      else {
        pieces.push(text, piece);
        text = '';
      }
    }
  }
  if (extensions !== undefined) text += `${comma}"extensions":${JSON.stringify(extensions)}`;
  pieces.push(`${text}}${end}`);
  return pieces;
}

export const answerText = (parts: AnswerParts): string => textOf(answerPieces(parts));

const textOf = (pieces: readonly Piece[]): string =>
  pieces.length === 1 ? String(pieces[0]) : bytesOf(pieces).toString('utf8');

export function bytesOf(pieces: readonly Piece[]): Buffer {
  let size = 0;
  for (const piece of pieces) size += Buffer.byteLength(piece);
  const bytes = Buffer.allocUnsafeSlow(size);
  let at = 0;
  for (const piece of pieces) at += typeof piece === 'string' ? bytes.write(piece, at) : piece.copy(bytes, at);
  return bytes;
}
