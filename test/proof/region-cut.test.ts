// A region whose link is cut, or swallows everything, in the middle of a storm: told as such, others unaffected, and when it
// is back nothing was lost.
import { setTimeout as pause } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { leftovers } from '../support/leftovers.ts';
import { aLink, type Link, type LinkState } from '../support/tcp-proxy.ts';
import { eventually } from '../support/wait.ts';
import { beginStorm, expectDelivered } from './storm.ts';
import { aStormStack, type StormStack } from './storm-stack.ts';

const PER_SECOND = 500; // transitions, all regions together
const CALM_MS = 15_000; // the storm before the cut, and after it
const CUT_MS = 30_000;

const left = leftovers();
let storms: StormStack;
let link: Link;
let behind: string; // the region behind the link

beforeAll(async () => {
  storms = await aStormStack(left);
  const { id, door } = storms.regions[0]!;
  const url = new URL(door);
  behind = id;
  link = await aLink(Number(url.port));
  left.add(() => link.close());
  url.port = String(link.port);
  const { data } = await storms.stack.ask(
    'mutation ($input: UpdateRegionInput!) { updateRegion(input: $input) { userErrors { message } } }',
    { input: { id, endpoint: url.href } },
  );
  expect(data.updateRegion.userErrors).toEqual([]);
  await eventually('contact over the link', async () => (await storms.contactOf(behind))?.state === 'ONLINE', 60_000);
});

const LIVE = 'query ($id: ID!) { region(id: $id) { hosts { nodes { hostname } } } }';
const KNOWN = 'query ($id: ID!) { alarms(filter: { regions: [$id] }) { totalCount asOf } }';

test.each<[LinkState, RegExp]>([
  ['cut', /refused|reset|closed/],
  ['swallowing', /heartbeat|in time|timed out/],
])('a link that is %s in a storm, and up again', async (state, reason) => {
  const { stack, regions, follow, contactOf } = storms;
  const { feed, after } = await follow();
  const storm = beginStorm(regions, PER_SECOND);
  await pause(CALM_MS);
  link.become(state);
  const told = (kind: string): boolean => feed.events.some(e => e.kind === kind && e.region?.id === behind);
  await feed.until('REGION_STALE', () => told('REGION_STALE'));
  const contact = await eventually('OFFLINE', async () => {
    const seen = await contactOf(behind);
    return seen?.state === 'OFFLINE' ? seen : null;
  });
  expect(contact.reason).toMatch(reason);

  const known = await stack.ask(KNOWN, { id: behind });
  expect(known.errors).toBeUndefined();
  expect(known.data.alarms.totalCount).toBeGreaterThan(0); // 280.001 at least; what was open stays
  expect(Date.parse(known.data.alarms.asOf)).toBeLessThan(Date.now());
  const live = await stack.ask(LIVE, { id: behind });
  expect(live.data.region.hosts).toBeNull();
  expect(live.errors).toMatchObject([{ extensions: { region: behind } }]);
  for (const { id } of regions.filter(region => region.id !== behind)) {
    const other = await stack.ask(LIVE, { id });
    expect(other.errors, id).toBeUndefined();
    expect(other.data.region.hosts.nodes.length, id).toBeGreaterThan(0);
  }

  await pause(CUT_MS);
  expect((await contactOf(behind))?.state).toBe('OFFLINE');
  link.become('up');
  await feed.until('REGION_BACK', () => told('REGION_BACK'));
  await pause(CALM_MS);
  expect(await storm.end()).toBeGreaterThan(0);
  await expectDelivered(feed, regions, after, storm);
  expect(feed.connections()).toBe(1); // a region's loss ends no feed
  await feed.close();
});
