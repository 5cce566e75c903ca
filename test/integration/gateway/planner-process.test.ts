// The planner process of a running gateway dies: queries are answered and subscriptions stay.
import { beforeAll, describe, expect, it } from 'vitest';
import { leftovers } from '../../support/leftovers.ts';
import { scrape } from '../../support/metrics.ts';
import { plannersOf } from '../../support/planner-processes.ts';
import { eventually } from '../../support/wait.ts';
import { aGateway, type GatewayStack } from './gateway-stack.ts';
import { aSocket, type Listening } from './socket-client.ts';

const left = leftovers();
let stack: GatewayStack;
let feed: Listening;

beforeAll(async () => {
  stack = await aGateway(['r1'], left);
  const socket = aSocket(stack.url);
  left.add(() => socket.close());
  feed = socket.run('subscription { alarmFeed { cursor alarm { host { hostname } } } }');
  await eventually('the feed is open', () => stack.fleet.openFeeds() === 1);
});

const planner = async (): Promise<number> =>
  eventually('a planner process runs', () => {
    const [pid, ...others] = plannersOf(process.pid);
    expect(others).toEqual([]);
    return pid;
  });
/** Each with a name of its own is new to the gateway. */
const hostAs = (name: string) => stack.ask(`{ host(id: "r1/worker-0") { ${name}: hostname software { release } } }`);
const answered = (name: string) => ({
  host: { [name]: 'worker-0', software: { release: 'release of r1/worker-0' } },
});
async function feedGoesOn(cursor: string): Promise<void> {
  stack.fleet.emit({ kind: 'RAISED', region: 'r1', cursor });
  await feed.until(Number(cursor));
  expect(feed.results.at(-1)).toEqual({ data: { alarmFeed: { cursor, alarm: { host: { hostname: 'worker-0' } } } } });
}

describe('when the planner process is killed', () => {
  it('while it is idle the next new operation starts another', async () => {
    const first = await planner();
    process.kill(first, 'SIGKILL');
    await eventually('it is gone', () => plannersOf(process.pid).length === 0);
    expect((await hostAs('a')).data).toEqual(answered('a'));
    expect(await planner()).not.toBe(first);
    await feedGoesOn('1');
  });

  it('while it plans, what it planned is answered all the same', async () => {
    const before = await scrape(stack.url);
    const stopped = await planner();
    process.kill(stopped, 'SIGSTOP');
    const asked = hostAs('b');
    const known = await hostAs('a');
    expect(known.data).toEqual(answered('a')); // what is planned already does not wait
    process.kill(stopped, 'SIGKILL');
    expect((await asked).data).toEqual(answered('b'));
    expect((await hostAs('c')).data).toEqual(answered('c'));
    await feedGoesOn('2');
    const after = await scrape(stack.url);
    expect(after.value('murmuration_planner_crashes_total')).toBe(
      before.value('murmuration_planner_crashes_total')! + 1,
    );
    expect(after.value('murmuration_planner_starts_total')).toBeGreaterThan(
      before.value('murmuration_planner_starts_total')!,
    );
    expect(after.value('murmuration_planner_process_running')).toBe(1);
    expect(stack.fleet.openFeeds()).toBe(1);
  });

  it('and a gateway that is stopped leaves none behind', async () => {
    await planner();
    await stack.close();
    expect(plannersOf(process.pid)).toEqual([]);
  });
});
