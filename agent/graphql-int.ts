// Fits measured numbers into GraphQL's Int (32 bits, signed) and percentages into 0 to 100. Does not round for display.
const MAX_INT = 2_147_483_647;
const MIB = 1024 * 1024;

/** A count that a door accepts: whole, not negative, at most 2^31 - 1. What is no number counts as 0. */
export function graphqlInt(value: number): number {
  if (Number.isNaN(value)) return 0;
  return Math.min(MAX_INT, Math.max(0, Math.trunc(value)));
}

export const mebibytes = (bytes: number): number => graphqlInt(bytes / MIB);

export const percent = (value: number): number => Math.min(100, Math.max(0, value));
