// Alarms raised and cleared in bulk at the doors of regions, whatever happens to everything else, and the oracle: per region,
// what a feed delivered is what the region committed, each once and in order, and what was acknowledged is among it.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { ask } from '../support/client.ts';
import type { FeedEvent, ResumingFeed } from '../support/resuming-feed.ts';
import { eventually } from '../support/wait.ts';

export interface StormyRegion {
  readonly id: string;
  /** Its own door, past any link that the test cuts. */
  readonly door: string;
}

export interface Storm {
  /** Ends once everything that was raised is cleared; answers how many changes regions acknowledged. */
  end(): Promise<number>;
  /** Number in the region's own count to the entity that it was acknowledged for. */
  readonly acknowledged: ReadonlyMap<string, ReadonlyMap<number, string>>;
}

const PER_CALL = 25;
const RETRY_MS = 200;
const RESULTS = 'results { alarm { sequence entityInstanceId } userErrors { code } }';
const RAISE = `mutation ($input: RaiseAlarmsInput!) { done: raiseAlarms(input: $input) { ${RESULTS} userErrors { code } } }`;
const CLEAR = `mutation ($input: ClearAlarmsInput!) { done: clearAlarms(input: $input) { ${RESULTS} userErrors { code } } }`;

/** `perSecond`: transitions, all regions together. */
export function beginStorm(regions: readonly StormyRegion[], perSecond: number): Storm {
  let isOn = true;
  const acknowledged = new Map(regions.map(({ id }) => [id, new Map<number, string>()]));
  const turnMs = (2 * PER_CALL * regions.length * 1_000) / perSecond;
  const rage = async (region: StormyRegion): Promise<void> => {
    for (let turn = 0; isOn; turn++) {
      const until = Date.now() + turnMs;
      const alarms = Array.from({ length: PER_CALL }, (_, i) => ({
        alarmId: '200.011',
        entityInstanceId: `host=storm-${turn}-${i}`,
      }));
      await told(region, RAISE, { alarms: alarms.map(alarm => ({ ...alarm, severity: 'MINOR' })) });
      await told(region, CLEAR, { alarms });
      await pause(Math.max(0, until - Date.now()));
    }
  };
  /** Until the region has answered; a repeat with the same key changes nothing. */
  const told = async (region: StormyRegion, mutation: string, input: object): Promise<void> => {
    const variables = { input: { ...input, region: region.id, idempotencyKey: randomUUID() } };
    const results = await eventually(
      `${region.id} answers`,
      async () => {
        const answer = await ask(`${region.door}/faults/graphql`, mutation, variables).catch(() => null);
        return answer?.data?.done?.results ?? (await pause(RETRY_MS, null));
      },
      180_000,
    );
    for (const { alarm } of results)
      if (alarm) acknowledged.get(region.id)!.set(Number(alarm.sequence), alarm.entityInstanceId);
  };
  const raging = Promise.all(regions.map(rage));
  return {
    acknowledged,
    end: async () => {
      isOn = false;
      await raging;
      return [...acknowledged.values()].reduce((sum, numbers) => sum + numbers.size, 0);
    },
  };
}

/** The last number of a region's own count, from the first line of its change stream. */
export const headOf = ({ id, door }: StormyRegion): Promise<number> =>
  eventually(
    `the head of ${id}`,
    async () => {
      const abort = new AbortController();
      try {
        const url = `${door}/changes?faults=${10 ** 17}`; // from far ahead: only the hello comes
        const answer = await fetch(url, { signal: abort.signal, headers: { 'murmuration-snapshots': 'yes' } });
        const { value } = await answer.body!.getReader().read();
        return Number(JSON.parse(new TextDecoder().decode(value).split('\n')[0]!).hello.heads.faults.sequence);
      } finally {
        abort.abort();
      }
    },
    180_000,
  );

const LOSS = '280.001'; // the centre's own alarm about a region is none of the region's changes

const changesOf = (events: readonly FeedEvent[], region: string): NonNullable<FeedEvent['alarm']>[] =>
  events.flatMap(({ alarm, kind }) =>
    alarm?.id.startsWith(`${region}/`) && alarm.alarmId !== LOSS && kind !== 'SNAPSHOT' ? [alarm] : [],
  );

export const numbersOf = (events: readonly FeedEvent[], region: string): number[] =>
  changesOf(events, region).map(({ sequence }) => Number(sequence));

export type Heads = ReadonlyMap<string, number>;

export async function headsOf(regions: readonly StormyRegion[]): Promise<Heads> {
  return new Map(await Promise.all(regions.map(async region => [region.id, await headOf(region)] as const)));
}

/**
 * Delivered = committed, and what was acknowledged is what was delivered under that number. `after`: heads from when the feed
 * was aligned; of what came before it may tell more, without a gap.
 */
export async function expectDelivered(
  feed: ResumingFeed,
  regions: readonly StormyRegion[],
  after: Heads,
  { acknowledged }: Storm,
): Promise<void> {
  for (const region of regions) {
    const head = await headOf(region);
    await feed.until(`change ${head} of ${region.id}`, events => numbersOf(events, region.id).at(-1)! >= head, 300_000);
    const changes = changesOf(feed.events, region.id);
    const numbers = changes.map(({ sequence }) => Number(sequence));
    expect(numbers[0], region.id).toBeLessThanOrEqual(after.get(region.id)! + 1);
    expect(numbers, region.id).toEqual(numbers.map((_, i) => numbers[0]! + i));
    const entities = new Map(changes.map(({ sequence, entityInstanceId }) => [Number(sequence), entityInstanceId]));
    const lost = [...acknowledged.get(region.id)!].filter(([number, entity]) => entities.get(number) !== entity);
    expect(lost, `acknowledged by ${region.id} and not delivered`).toEqual([]);
  }
}
