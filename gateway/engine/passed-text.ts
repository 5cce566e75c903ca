// Text of regions that goes into an answer as it came. In the data a symbol stands for it, which no answer of a subgraph can
// hold; its description is what the writer writes there: the text itself when it is short, else a mark that is no JSON.
import type { Piece } from './written-data.ts';

export interface PassedText {
  /** What stands for it in the data. */
  stand(bytes: Buffer): symbol;
  /** What was written, with all text in its place. */
  pieces(written: string): Piece[];
}

const SHORT = 64; // bytes; a piece of its own costs more
const MARK = '\0'; // in JSON it is always escaped

export function passedText(): PassedText {
  const passed: Buffer[] = [];
  return {
    stand: bytes => Symbol(bytes.length <= SHORT ? bytes.toString('utf8') : `${MARK}${passed.push(bytes) - 1}${MARK}`),
    pieces: written =>
      passed.length === 0
        ? [written]
        : written.split(MARK).map((part, i) => (i % 2 === 0 ? part : passed[Number(part)]!)),
  };
}
