// How often a generated test runs, and from which seed: the same operations each time, so that no run fails by chance; others
// with `ORACLE_SEED=random`, and the same ones again with the seed and the path that a failure prints.
import type { Parameters } from 'fast-check';

const SEED = 1; // any other must do as well

export function oracleRuns(numRuns: number): Parameters<unknown> {
  const { ORACLE_SEED: seed = String(SEED), ORACLE_PATH: path } = process.env;
  return { numRuns, ...(seed === 'random' ? {} : { seed: Number(seed) }), ...(path === undefined ? {} : { path }) };
}
