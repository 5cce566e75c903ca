// What a bench of gateways prints: a table for those that share work under way, one for those that do not, and one JSON object.
import Table from 'cli-table3';
import type { Engine } from './engines.ts';
import type { Measured } from './measure.ts';

export interface Result {
  readonly engine: Engine;
  readonly measured: Measured;
}

export interface Ratios {
  /** Requests per CPU second, ours over theirs. */
  readonly ratioStock: number | null;
  /** Over the best other gateway. */
  readonly ratioBest: number | null;
  readonly best: string | null;
  readonly ratioFloor: number | null;
}

const HEAD = ['', 'CPU ms/request', 'requests/s', 'p50 ms', 'p99 ms', 'RSS MB', 'fetches', 'ours is'];

/** `share` true: with what shares, against our sharing. Those that cannot share stand in both. */
export const resultsOf = (results: readonly Result[], share: boolean): Result[] =>
  results
    .filter(({ engine }) => engine.share === null || engine.share === share)
    .sort((a, b) => b.measured.cpuMs - a.measured.cpuMs);

export function tableOf(results: readonly Result[]): string {
  const table = new Table({ head: HEAD, style: { head: [], border: [] }, colAligns: ['left', ...RIGHT] });
  for (const result of results) {
    const { engine, measured } = result;
    const ratio = ratioOver(results, result);
    table.push([
      engine.label,
      measured.cpuMs.toFixed(2),
      measured.perSecond.toFixed(1),
      measured.p50Ms.toFixed(1),
      measured.p99Ms.toFixed(1),
      measured.rssMb.toFixed(0),
      measured.fetches.toFixed(1),
      engine.role === 'ours' || ratio === null ? '' : `${ratio.toFixed(2)} x`,
    ]);
  }
  return table.toString();
}

const RIGHT = HEAD.slice(1).map(() => 'right' as const);

export function ratiosOf(results: readonly Result[]): Ratios {
  const cheapest = (...roles: Engine['role'][]): Result | undefined =>
    results
      .filter(({ engine }) => roles.includes(engine.role))
      .reduce<Result | undefined>((a, b) => (a && a.measured.cpuMs <= b.measured.cpuMs ? a : b), undefined);
  const best = cheapest('peer', 'stock');
  return {
    ratioStock: ratioOver(results, cheapest('stock')),
    ratioBest: ratioOver(results, best),
    best: best?.engine.label ?? null,
    ratioFloor: ratioOver(results, cheapest('floor')),
  };
}

function ratioOver(results: readonly Result[], other: Result | undefined): number | null {
  const ours = results.find(({ engine }) => engine.role === 'ours');
  return ours && other ? Number((other.measured.cpuMs / ours.measured.cpuMs).toFixed(3)) : null;
}
