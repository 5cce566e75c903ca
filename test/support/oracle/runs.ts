// How often a generated test runs, and from which seed: other operations each time, the same ones with the seed and the path
// that a failure prints.
import type { Parameters } from 'fast-check';

/** ORACLE_SEED and ORACLE_PATH repeat one run. */
export function oracleRuns(numRuns: number): Parameters<unknown> {
  const { ORACLE_SEED: seed, ORACLE_PATH: path } = process.env;
  return { numRuns, ...(seed === undefined ? {} : { seed: Number(seed) }), ...(path === undefined ? {} : { path }) };
}
