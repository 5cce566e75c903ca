import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Send, TransportFailure } from '../../../gateway/routing/transport.ts';
import {
  openTransport,
  type RegionTransport,
  type TransportDeps,
} from '../../../gateway/transport/region-transport.ts';
import { answersOk, aRawDoor, OK, type RawDoor, type RawRequest } from '../../support/raw-door.ts';
import { eventually } from '../../support/wait.ts';

const RULES: TransportDeps['rules'] = {
  atOnce: 2,
  queue: 2,
  shares: true,
  circuit: { failures: 3, pauseMs: 50, longestPauseMs: 100 },
};
const LONG_MS = 20_000;
const SHORT_MS = 150;

let door: RawDoor;
let transport: RegionTransport;

beforeEach(async () => {
  door = await aRawDoor();
  transport = openTransport({ headers: { authorization: 'Bearer token' }, connectionsPerOrigin: 4, rules: RULES });
});
afterEach(async () => {
  await transport.close();
  await door.close();
});

const send = (request: Partial<Send> = {}) =>
  transport.send({ url: door.url, body: '{"query":"{a}"}', deadlineMs: LONG_MS, ...request });
const failureOf = (asked: Promise<unknown>): Promise<TransportFailure> =>
  asked.then(
    () => Promise.reject(new Error('it was answered')),
    error => error,
  );
const kindOf = async (asked: Promise<unknown>): Promise<string> => (await failureOf(asked)).kind;
const requests = (n: number) => eventually(`${n} requests have come`, () => door.bodies.length >= n);
const never = (): void => undefined;
const held: RawRequest[] = [];
const holds = (request: RawRequest): void => void held.push(request);
const release = (): void => {
  for (const request of held.splice(0)) request.answer(OK);
};

describe('a connection', () => {
  it('is kept and used again, one request at a time', async () => {
    for (let i = 0; i < 3; i++) expect(await send()).toEqual({ data: { ok: true } });
    expect(door.connections()).toBe(1);
  });

  it('carries the headers and any text', async () => {
    const body = '{"query":"{a}","variables":{"n":"gr\u00fc\u00df \u{1F426}"}}';
    door.behave(({ answer, body: text }) => answer(JSON.stringify({ data: { echo: text } })));
    expect(await send({ body })).toEqual({ data: { echo: body } });
    expect(door.heads[0]).toMatch(/^POST \/r1\/faults\/graphql HTTP\/1\.1\r\nhost: 127\.0\.0\.1:\d+\r\n/);
    expect(door.heads[0]).toContain('\r\nauthorization: Bearer token\r\n');
  });

  it('is not used again when the door says that it closes it', async () => {
    door.behave(({ answer }) => answer(OK, 'Connection: close'));
    await send();
    await send();
    expect(door.connections()).toBe(2);
  });

  it('is not used again when the door answered more than one response', async () => {
    door.behave(({ answer, socket }) => {
      answer(OK);
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 22\r\n\r\n{"data":{"wrong":true}}');
    });
    for (let i = 0; i < 3; i++) expect(await send()).toEqual({ data: { ok: true } });
  });

  it('that was closed just at its reuse is replaced for a query, once', async () => {
    await send({ share: true });
    door.behave(({ socket, turn, answer }) => (turn > 1 ? socket.resetAndDestroy() : answer(OK)));
    expect(await send({ share: true })).toEqual({ data: { ok: true } });
    expect(door.bodies).toHaveLength(3);
    door.behave(({ socket }) => socket.resetAndDestroy());
    expect(await kindOf(send({ share: true }))).toBe('unreachable');
    expect(door.bodies).toHaveLength(5);
  });

  it('that was closed just at its reuse is not replaced for a mutation: it may have been made', async () => {
    await send();
    door.behave(({ socket }) => socket.resetAndDestroy());
    expect(await failureOf(send())).toMatchObject({ kind: 'unreachable', wasSent: true });
    expect(door.bodies).toHaveLength(2);
  });

  it('that broke after the first byte of an answer is not replaced', async () => {
    await send({ share: true });
    door.behave(({ socket }) => socket.write('HTTP/1.1 200 OK\r\n', () => socket.destroy()));
    expect(await failureOf(send({ share: true }))).toMatchObject({ kind: 'unreachable' });
    expect(door.bodies).toHaveLength(2);
  });
});

describe('a door that misbehaves', () => {
  it.each<[string, (request: RawRequest) => void, string]>([
    ['never answers', never, 'timeout'],
    ['sends half a head and no more', ({ socket }) => void socket.write('HTTP/1.1 200 OK\r\nX: y'), 'timeout'],
    ['sends half a body and no more', ({ answer }) => answer('{"data"', 'Content-Length: 7'), 'unusable'],
    [
      'trickles its head',
      ({ socket }) => {
        const drip = setInterval(() => socket.write('X'), 5);
        socket.on('close', () => clearInterval(drip));
      },
      'timeout',
    ],
    [
      'trickles its body',
      ({ socket }) => {
        socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
        const drip = setInterval(() => socket.write('1\r\n \r\n'), 5);
        socket.on('close', () => clearInterval(drip));
      },
      'timeout',
    ],
    ['resets', ({ socket }) => socket.resetAndDestroy(), 'unreachable'],
    [
      'breaks off its answer',
      ({ socket }) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{', () => socket.destroy()),
      'unreachable',
    ],
    ['speaks another protocol', ({ socket }) => void socket.write('+OK ready\r\n\r\n'), 'unusable'],
    ['answers garbage', ({ answer }) => answer('\0\u0001garbage'), 'unusable'],
    ['answers more than may be', ({ answer }) => answer('x'.repeat(2_001)), 'unusable'],
  ])('that %s, fails in time and by name', async (_what, behaviour, kind) => {
    door.behave(behaviour);
    expect(await kindOf(send({ deadlineMs: SHORT_MS, maxBytes: 2_000 }))).toBe(kind);
    await eventually('no connection is left to it', () => kind === 'unusable' || door.standing() === 0);
  });

  it('refuses connections: nothing was sent', async () => {
    await door.close();
    expect(await failureOf(send())).toMatchObject({
      kind: 'unreachable',
      message: 'connection refused',
      wasSent: false,
    });
  });
});

describe('a full door', () => {
  it('lets some in, makes some wait, and refuses the others at once', async () => {
    door.behave(holds);
    const asked = Array.from({ length: 4 }, () => send());
    expect(await failureOf(send())).toMatchObject({ kind: 'overloaded', wasSent: false });
    await requests(2);
    expect(transport.doors()).toMatchObject([{ underWay: 2, waiting: 2 }]);
    release();
    await requests(4);
    release();
    expect(await Promise.all(asked)).toHaveLength(4);
    expect(door.connections()).toBe(2);
  });

  it('counts waiting in the deadline, and says that nothing was sent', async () => {
    door.behave(holds);
    const first = [send(), send()];
    expect(await failureOf(send({ deadlineMs: SHORT_MS }))).toMatchObject({ kind: 'timeout', wasSent: false });
    release();
    await Promise.all(first);
    expect(door.bodies).toHaveLength(2);
  });

  it('leaves room for other regions of the same process', async () => {
    door.behave(request => (request.body.includes('slow') ? holds(request) : answersOk(request)));
    const slow = Array.from({ length: 4 }, () => send({ body: '{"query":"{slow}"}' }));
    expect(await send({ url: door.url.replace('/r1/', '/r2/') })).toEqual({ data: { ok: true } });
    release();
    await requests(5);
    release();
    await Promise.all(slow);
  });
});

describe('identical queries under way', () => {
  it('are asked once, and each caller has an answer of its own', async () => {
    door.behave(holds);
    const asked = [send({ share: true }), send({ share: true }), send({ share: true })];
    await requests(1);
    release();
    const answers = await Promise.all(asked);
    expect(answers).toEqual(new Array(3).fill({ data: { ok: true } }));
    expect(new Set(answers.map(answer => answer.data)).size).toBe(3);
    expect(door.bodies).toHaveLength(1);
    expect(transport.doors()[0]?.counts).toMatchObject({ requests: 1, shared: 2 });
  });

  it('are not shared with another body, with a mutation, or once they are answered', async () => {
    await Promise.all([send({ share: true }), send({ share: true, body: '{"query":"{b}"}' })]);
    await Promise.all([send(), send()]);
    await send({ share: true });
    expect(door.bodies).toHaveLength(5);
  });

  it('are not shared with one that begins after a change', async () => {
    door.behave(request => (request.body.includes('mutation') ? answersOk(request) : holds(request)));
    const before = send({ share: true });
    await requests(1);
    await send({ body: '{"query":"mutation{a}"}' });
    const after = send({ share: true });
    await requests(3);
    release();
    await Promise.all([before, after]);
  });

  it('go on when one caller leaves, and end when the last one does', async () => {
    door.behave(holds);
    const [one, other] = [new AbortController(), new AbortController()];
    const first = send({ share: true, signal: one.signal });
    const second = send({ share: true, signal: other.signal });
    await requests(1);
    one.abort(new Error('left'));
    await expect(first).rejects.toThrow('left');
    expect(door.standing()).toBe(1);
    other.abort(new Error('left too'));
    await expect(second).rejects.toThrow('left too');
    await eventually('the request is taken back', () => door.standing() === 0);
    held.length = 0;
  });

  it('keep the deadline of each caller, and nobody joins one that is late', async () => {
    door.behave(holds);
    const patient = send({ share: true });
    await requests(1);
    expect(await kindOf(send({ share: true, deadlineMs: SHORT_MS }))).toBe('timeout');
    const next = send({ share: true });
    await requests(2);
    release();
    expect(await Promise.all([patient, next])).toHaveLength(2);
  });

  it('fail together', async () => {
    door.behave(({ socket }) => socket.resetAndDestroy());
    expect(await Promise.all([kindOf(send({ share: true })), kindOf(send({ share: true }))])).toEqual([
      'unreachable',
      'unreachable',
    ]);
  });
});

describe('a caller that goes away', () => {
  it('takes its request back, and leaves no listener behind', async () => {
    door.behave(holds);
    const client = new AbortController();
    const asked = send({ signal: client.signal });
    await requests(1);
    client.abort(new Error('gone'));
    await expect(asked).rejects.toThrow('gone');
    await eventually('the request is taken back', () => door.standing() === 0);
    held.length = 0;
    door.behave(answersOk);
    const stays = new AbortController();
    await send({ signal: stays.signal });
    expect(getEventListeners(stays.signal, 'abort')).toEqual([]);
    await expect(send({ signal: client.signal })).rejects.toThrow('gone');
    expect(door.bodies).toHaveLength(2);
  });

  it('takes back all that it waits for, by one listener', async () => {
    door.behave(request => (request.body.includes('quick') ? answersOk(request) : holds(request)));
    const client = new AbortController();
    const { signal } = client;
    const slow = send({ signal, body: '{"query":"{slow}"}' });
    const quick = send({ signal, body: '{"query":"{quick}"}' });
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await quick;
    const slower = send({ signal, body: '{"query":"{slower}"}' });
    await requests(3);
    client.abort(new Error('gone'));
    await expect(slow).rejects.toThrow('gone');
    await expect(slower).rejects.toThrow('gone');
    await eventually('both are taken back', () => door.standing() === 0);
    held.length = 0;
  });

  it('that still waits for its turn is never sent, and gives its place to the next', async () => {
    door.behave(holds);
    const first = [send(), send()];
    const client = new AbortController();
    const gone = send({ signal: client.signal });
    const next = [send()];
    client.abort(new Error('gone'));
    await expect(gone).rejects.toThrow('gone');
    next.push(send());
    await requests(2);
    release();
    await requests(4);
    release();
    await Promise.all([...first, ...next]);
    expect(door.bodies).toHaveLength(4);
  });
});

describe('a door that is dead', () => {
  const fails = async (n: number): Promise<void> => {
    for (let i = 0; i < n; i++) expect(await kindOf(send({ deadlineMs: SHORT_MS }))).toBe('timeout');
  };
  const stateOf = () => transport.doors()[0]?.circuit;

  it('is not asked any more, says why, and is asked again once a probe of its own succeeds', async () => {
    door.behave(never);
    await fails(3);
    expect(await failureOf(send({ deadlineMs: SHORT_MS }))).toMatchObject({
      kind: 'circuit-open',
      wasSent: false,
      message: expect.stringContaining(`no answer within ${SHORT_MS} ms`),
    });
    await requests(5); // three of ours and two probes
    expect(door.bodies.slice(3)).toEqual(door.bodies.slice(3).map(() => '{"query":"{__typename}"}'));
    expect(stateOf()).not.toBe('closed');
    door.behave(answersOk);
    await eventually('the circuit is closed', () => stateOf() === 'closed');
    expect(await send()).toEqual({ data: { ok: true } });
  });

  it('is asked again at once when others heard it', async () => {
    const slow = openTransport({
      headers: {},
      connectionsPerOrigin: 4,
      rules: { ...RULES, circuit: { failures: 1, pauseMs: 60_000, longestPauseMs: 60_000 } },
    });
    const ask = () => slow.send({ url: door.url, body: '{}', deadlineMs: SHORT_MS });
    door.behave(never);
    expect(await kindOf(ask())).toBe('timeout');
    expect(await kindOf(ask())).toBe('circuit-open');
    door.behave(answersOk);
    slow.heard(new URL('/r2', door.url).href);
    expect(await kindOf(ask())).toBe('circuit-open');
    slow.heard(new URL('/r1', door.url).href);
    expect(await ask()).toEqual({ data: { ok: true } });
    await slow.close();
  });

  it('is dead alone: its neighbours behind the same port are asked', async () => {
    door.behave(request => (request.body.includes('other') ? answersOk(request) : never()));
    await fails(3);
    const url = door.url.replace('/r1/', '/r2/');
    expect(await send({ url, body: '{"query":"{other}"}' })).toEqual({ data: { ok: true } });
  });

  it('is not what a door is that answers badly, or whose callers leave', async () => {
    door.behave(({ answer }) => answer('<html>'));
    for (let i = 0; i < 5; i++) expect(await kindOf(send())).toBe('unusable');
    door.behave(never);
    for (let i = 0; i < 5; i++) {
      const client = new AbortController();
      const asked = send({ signal: client.signal });
      client.abort(new Error('gone'));
      await expect(asked).rejects.toThrow('gone');
    }
    expect(stateOf()).toBe('closed');
  });
});

it('what is counted of a door', async () => {
  await send();
  door.behave(({ answer }) => answer('{}'));
  await kindOf(send());
  const [state] = transport.doors();
  expect(state).toMatchObject({ url: door.url, circuit: 'closed', underWay: 0, waiting: 0 });
  expect(state?.counts).toMatchObject({ requests: 2, sentChars: 30, receivedBytes: OK.length + 2 });
  expect(state?.counts.failures).toMatchObject({ unusable: 1, unreachable: 0 });
  expect(state?.counts.latency.reduce((a, b) => a + b)).toBe(2);
});
