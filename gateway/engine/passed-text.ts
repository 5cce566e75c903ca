// Text of regions that goes into an answer as it came. In the data a symbol stands for it, which no answer of a subgraph can
// hold; its description is what the writer writes there: the text itself when it is short, else a mark that is no JSON.
import type { Piece } from './written-data.ts';

export interface PassedText {
  /** What stands in the data for these bytes, which are copied: whoever read them needs the place again. */
  stand(bytes: Buffer, from: number, to: number): symbol;
  /** What was written, with all text in its place. */
  pieces(written: string): Piece[];
}

const SHORT = 64; // bytes; a piece of its own costs more
const MARK = '\0'; // in JSON it is always escaped
const FIRST_CHUNK = 8 * 1024; // bytes; each further one is twice as large, up to the largest
const LARGEST_CHUNK = 128 * 1024;

export function passedText(): PassedText {
  const passed: Buffer[] = [];
  // many answers in few pieces of memory: one for each would make the garbage collector's work
  let chunk = Buffer.alloc(0);
  let used = 0;
  const kept = (bytes: Buffer, from: number, to: number): Buffer => {
    const size = to - from;
    if (used + size > chunk.length) {
      const next = Math.min(Math.max(2 * chunk.length, FIRST_CHUNK), LARGEST_CHUNK);
      chunk = Buffer.allocUnsafeSlow(Math.max(next, size));
      used = 0;
    }
    const copy = chunk.subarray(used, used + size);
    bytes.copy(chunk, used, from, to);
    used += size;
    return copy;
  };
  return {
    stand: (bytes, from, to) =>
      Symbol(
        to - from <= SHORT
          ? bytes.toString('utf8', from, to)
          : `${MARK}${passed.push(kept(bytes, from, to)) - 1}${MARK}`,
      ),
    pieces: written =>
      passed.length === 0
        ? [written]
        : written.split(MARK).map((part, i) => (i % 2 === 0 ? part : passed[Number(part)]!)),
  };
}
