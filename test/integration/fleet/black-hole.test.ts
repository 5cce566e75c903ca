// A link that swallows everything without a reset: found by missing heartbeats, told with the reason, and nothing is lost by it.
import { beforeAll, expect, test } from 'vitest';
import { leftovers } from '../../support/leftovers.ts';
import { aLink, type Link } from '../../support/tcp-proxy.ts';
import { eventually } from '../../support/wait.ts';
import { aHouse, type House, hands } from '../edge/region-house.ts';
import { aCentre, type Centre, FEED } from './fleet-house.ts';

const left = leftovers();
let house: House;
let centre: Centre;
let link: Link;

beforeAll(async () => {
  house = await aHouse(['lagos-1']);
  left.add(() => house.stop());
  const door = new URL(house.door('lagos-1'));
  link = await aLink(Number(door.port));
  left.add(() => link.close());
  door.port = String(link.port);
  centre = await aCentre();
  left.add(() => centre.close());
  await centre.change('addRegion', { id: 'lagos-1', endpoint: door.href });
});

test('a region behind it is lost for the reason of silence, and what it did meanwhile arrives once', async () => {
  const contact = async () => (await centre.region('lagos-1')).contact;
  await eventually('ONLINE', async () => (await contact()).state === 'ONLINE');
  const feed = centre.subscribe(FEED);
  left.add(() => feed.close());
  await feed.until('ALIGNED', events => events.some(event => event.kind === 'ALIGNED'));
  link.become('swallowing');
  const lagos = hands(house, 'lagos-1');
  const { alarm } = await lagos.raise({ entityInstanceId: 'host=unheard' });
  await lagos.clear({ id: alarm.id });
  await feed.until('REGION_STALE', events => events.some(event => event.kind === 'REGION_STALE'));
  expect((await contact()).reason).toMatch(/heartbeat|in time|timed out/);
  expect(feed.events.some(event => event.alarm?.entityInstanceId === 'host=unheard')).toBe(false);
  link.become('up');
  await feed.until('REGION_BACK', events => events.some(event => event.kind === 'REGION_BACK'));
  const unheard = feed.events.filter(event => event.alarm?.entityInstanceId === 'host=unheard');
  expect(unheard.map(event => event.kind)).toEqual(['RAISED', 'CLEARED']);
});
