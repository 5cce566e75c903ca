// Which subscriptions may share a stream.
import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { feedShare } from '../../../gateway/subscriptions/feed-share.ts';

const share = (text: string, variables: Record<string, unknown> = {}, operationName?: string) =>
  feedShare({ document: parse(text), variables, operationName });
const key = (...request: Parameters<typeof share>) => share(...request)?.key;

const FEED = 'subscription ($f: AlarmFilter) { alarmFeed(filter: $f) { kind cursor } }';

test('the same operation with the same variables, wherever it starts', () => {
  const wordy = 'subscription  ($f: AlarmFilter, $a: Cursor) {\n alarmFeed(filter: $f, after: $a) { kind, cursor } }';
  expect(key(wordy, { a: 'c1', f: { regions: ['r1'] } })).toBe(key(FEED, { f: { regions: ['r1'] } }));
  expect(key(wordy, { f: null, a: 'c1' })).toBe(key(wordy, { a: 'c2', f: null }));
  expect(share(wordy, { f: null, a: 'c1' })?.after).toBe('c1');
  expect(share('subscription { alarmFeed(after: "c3") { kind } }')?.after).toBe('c3');
});

test.each([
  ['other variables', FEED, { f: { regions: ['r2'] } }],
  [
    'another selection',
    'subscription ($f: AlarmFilter) { alarmFeed(filter: $f) { kind } }',
    { f: { regions: ['r1'] } },
  ],
  [
    'another interval of heartbeats',
    'subscription ($f: AlarmFilter) { alarmFeed(filter: $f, heartbeatSeconds: 3) { kind cursor } }',
    { f: { regions: ['r1'] } },
  ],
  [
    'another name for the field',
    'subscription ($f: AlarmFilter) { a: alarmFeed(filter: $f) { kind cursor } }',
    { f: { regions: ['r1'] } },
  ],
])('not with %s', (_, text, variables) => {
  expect(key(text, variables)).not.toBe(key(FEED, { f: { regions: ['r1'] } }));
});

test('the operation that is named, of several', () => {
  const both = 'subscription A { alarmFeed { kind } } subscription B { alarmFeed { cursor } }';
  expect(key(both, {}, 'A')).not.toBe(key(both, {}, 'B'));
  expect(key(both, {}, 'B')).toBe(key('subscription B { alarmFeed { cursor } }'));
});

test('no other subscription', () => {
  expect(share('subscription { regionContact { state } }')).toBeNull();
});
