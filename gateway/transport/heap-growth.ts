// How far V8 lets the heap of a gateway grow before it collects all of it.
import v8 from 'node:v8';

/** By so much of what survived the last collection, in percent: to two and a half times of it. */
const GROWTH_PERCENT = 150;

/**
 * Answers of regions are buffers outside the heap, short-lived and many, and V8 counts them as growth. By its own rule
 * little growth is allowed once a process has rested for a minute: from then on, for ever, it collected everything ten
 * times a second, for twice the CPU a request (docs/decisions/0029-heap-growth.md).
 */
export const letHeapGrow = (): void => v8.setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
