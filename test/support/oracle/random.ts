// Chance that repeats itself: the same text or seed gives the same numbers on every machine, whatever the order of keys.

/** 32 bits of FNV-1a, mixed once more, so that texts that differ in one character differ everywhere. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return (hash ^ (hash >>> 16)) >>> 0;
}

export interface Dice {
  /** 0 to below `sides`. */
  roll(sides: number): number;
  /** True this often of a hundred. */
  chance(percent: number): boolean;
  one<T>(of: readonly T[]): T;
}

export function diceOf(seed: number): Dice {
  let thrown = 0;
  const roll = (sides: number): number => hashOf(`${seed}/${thrown++}`) % sides;
  return { roll, chance: percent => roll(100) < percent, one: of => of[roll(of.length)]! };
}

/** JSON in which the order of keys does not show. */
export const sortedJson = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
