// Finds out which TCP ports are free. Looks only: a port may be taken in the moment after.
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf } from './launch-error.ts';

/** A port that a part of the stack is going to bind, and how to choose another. */
export interface PortWish {
  readonly host: string;
  readonly port: number;
  /** Who wants it: "gateway", "region paris-1". */
  readonly part: string;
  readonly flag: string;
  readonly variable: string;
}

export type PortState = 'free' | 'taken' | 'forbidden' | 'no such address';

export const portState = (host: string, port: number): Promise<PortState> =>
  new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', error => {
      const state = STATE_OF_CODE.get(codeOf(error) ?? '');
      if (state) resolve(state);
      else reject(error);
    });
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve('free')));
  });

const STATE_OF_CODE = new Map<string, PortState>([
  ['EADDRINUSE', 'taken'],
  ['EACCES', 'forbidden'],
  ['EADDRNOTAVAIL', 'no such address'],
  ['ENOTFOUND', 'no such address'],
]);

/** One line for each port that cannot be had; all at once, so that one look mends all. */
export async function portProblems(wishes: readonly PortWish[]): Promise<string[]> {
  const problems = clashes(wishes);
  for (const wish of wishes) {
    if (wish.port > 65_535) problems.push(`Port ${wish.port} (${wish.part}) is above 65535: ${remedy(wish)}`);
    else problems.push(...describe(wish, await portState(wish.host, wish.port)));
  }
  return problems;
}

/** After a launcher was killed its parts need a moment to notice and to go. */
export async function portProblemsAfter(wishes: readonly PortWish[], patienceMs: number): Promise<string[]> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const problems = await portProblems(wishes);
    if (problems.length === 0 || Date.now() >= deadline) return problems;
    await sleep(200); // the processes are not our children: there is no event to wait for
  }
}

function clashes(wishes: readonly PortWish[]): string[] {
  const first = new Map<number, PortWish>();
  return wishes.flatMap(wish => {
    const other = first.get(wish.port);
    if (!other) first.set(wish.port, wish);
    return other ? [`Port ${wish.port} is given to both ${other.part} and ${wish.part}: ${remedy(wish)}`] : [];
  });
}

function describe(wish: PortWish, state: PortState): string[] {
  const at = `Port ${wish.port} (${wish.part})`;
  if (state === 'taken') return [`${at} is taken by another program: stop it, or ${remedy(wish)}`];
  if (state === 'forbidden') return [`${at} may not be bound by this user: ${remedy(wish)}`];
  if (state === 'no such address')
    return [`${at} cannot be bound: ${wish.host} is no address of this machine; set host (MURMUR_HOST)`];
  return [];
}

const remedy = (wish: PortWish): string => `choose another with ${wish.flag} or ${wish.variable}`;
