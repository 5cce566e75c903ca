// The native planner in its process: killed, stopped, too slow, aborted by an operation that really aborts it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type DocumentNode, parse } from 'graphql';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { apolloPlanner } from '../../../gateway/engine/apollo-planner.ts';
import { hivePlanner, isFinal } from '../../../gateway/engine/hive-planner.ts';
import { type NativePlans, openNativePlans, type PlannerLimits } from '../../../gateway/engine/native-plans.ts';
import { withFallback } from '../../../gateway/engine/planner.ts';
import { schemasOf } from '../../../gateway/engine/supergraph-schemas.ts';
import { isAlive } from '../../../launcher/own-process.ts';
import { packageRoot } from '../../../schema/sources.ts';
import { plannersOf } from '../../support/planner-processes.ts';
import { eventually } from '../../support/wait.ts';
import { aShop } from './shop.ts';

const { supergraphSdl } = aShop();
/** An alias that is the field's own name: the plain form has none, and the native planner panics on it. */
const KILLER =
  '{ media { id: id rating ... on Movie { id rating: rating reviews(first: 1) { id: id } } ... on Book { rating } } }';
const kills = parse(KILLER);
const [a, b, c] = ['{ me { email } }', '{ products { inStock } }', '{ users { name } }'].map(text => parse(text)) as [
  DocumentNode,
  DocumentNode,
  DocumentNode,
];

const open: NativePlans[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map(plans => plans.close()));
  expect(plannersOf(process.pid)).toEqual([]);
});

async function plansOf(limits: Partial<PlannerLimits> = {}) {
  const logged: Record<string, unknown>[] = [];
  const log = { warn: (fields: object, msg: string) => void logged.push({ ...fields, msg }) } as never;
  const plans = await openNativePlans({ supergraphSdl, log, limits });
  open.push(plans);
  return { ...plans, pid: () => plans.counts().pid!, logged };
}

const kindOf = (plan: Promise<{ kind: string } | null>): Promise<string | undefined> =>
  plan.then(
    node => node?.kind,
    (error: Error) => error.message,
  );

describe('a planner process that is killed', () => {
  it('while it is idle is started again by the next operation', async () => {
    const plans = await plansOf();
    expect(await kindOf(plans.plan(a))).toBe('Fetch');
    process.kill(plans.pid(), 'SIGKILL');
    await eventually('its end is noticed', () => plans.counts().pid === null);
    expect(await kindOf(plans.plan(b))).toMatch(/Sequence|Fetch/);
    expect(plans.counts()).toMatchObject({ starts: 2, crashes: 1 });
    expect(plans.logged).toHaveLength(1);
    expect(plans.logged[0]).toMatchObject({ how: 'SIGKILL', msg: expect.stringMatching(/planner process ended/) });
  });

  it('while it plans several plans each of them again, and blames none', async () => {
    const plans = await plansOf();
    process.kill(plans.pid(), 'SIGSTOP');
    const answers = [a, b, c].map(document => kindOf(plans.plan(document)));
    process.kill(plans.pid(), 'SIGKILL');
    for (const kind of await Promise.all(answers)) expect(kind).toMatch(/Sequence|Fetch/);
    expect(plans.counts()).toMatchObject({ starts: 2, crashes: 1 });
  });

  it('twice over the same operation blames that one, and lets it no more near the next process', async () => {
    const plans = await plansOf();
    const asked = kindOf(plans.plan(kills));
    expect(await asked).toMatch(/ended while it planned this operation \(SIGABRT\)/);
    expect(await kindOf(plans.plan(kills))).toMatch(/ended when it planned this operation before/);
    expect(await kindOf(plans.plan(c))).toBe('Fetch');
    expect(plans.counts()).toMatchObject({ starts: 3, crashes: 2 });
  });
});

describe('an operation that aborts the native planner', () => {
  it('is planned by the other one; those beside it are answered; it does so once', async () => {
    const schemas = schemasOf(supergraphSdl);
    const { supergraph, whole } = schemas;
    const logged: object[] = [];
    const native = await hivePlanner({
      supergraphSdl,
      schema: whole,
      log: { warn: (fields: object) => void logged.push(fields) } as never,
    });
    const openApollo = () => apolloPlanner({ supergraph, api: supergraph.apiSchema(), schema: whole });
    const planner = withFallback(native, openApollo, isFinal);
    const all = await Promise.all([a, kills, b, c].map(document => planner.plan(document)));
    for (const { fetches } of all) expect(fetches.length).toBeGreaterThan(0);
    const [culprit] = logged.filter(fields => 'operation' in fields);
    expect(culprit).toMatchObject({ how: 'SIGABRT', said: expect.stringMatching(/panicked at .*\n?.*conflict/) });
    expect(culprit).toMatchObject({ operation: expect.stringMatching(/^[0-9a-f]{16}$/) });
    const { crashes } = native.counts();
    expect((await planner.plan(parse(KILLER.replace('first: 1', 'first: 2')))).fetches.length).toBeGreaterThan(0);
    expect((await planner.plan(parse('{ users { email } }'))).fetches).toHaveLength(1);
    expect(native.counts().crashes).toBe(crashes);
    await planner.close?.();
  });
});

describe('a planner process', () => {
  it('that takes too long for an operation is ended; that one is refused, the others are planned', async () => {
    const plans = await plansOf({ planMs: 1_500, atOnce: 1 });
    process.kill(plans.pid(), 'SIGSTOP');
    const slow = plans.plan(a);
    const others = [b, c].map(document => kindOf(plans.plan(document)));
    await expect(slow).rejects.toMatchObject({
      message: expect.stringMatching(/takes more than 1500 ms/),
      extensions: { code: 'OPERATION_TOO_EXPENSIVE', limit: 'planMs', allowed: 1_500 },
    });
    for (const kind of await Promise.all(others)) expect(kind).toMatch(/Sequence|Fetch/);
    await expect(plans.plan(a)).rejects.toMatchObject({ extensions: { code: 'OPERATION_TOO_EXPENSIVE' } });
    expect(plans.counts()).toMatchObject({ starts: 2, crashes: 0, overdue: 1 });
    expect(plans.logged).toHaveLength(1);
  });

  it('lets so many wait and no more', async () => {
    const plans = await plansOf({ atOnce: 1, waiting: 1 });
    process.kill(plans.pid(), 'SIGSTOP');
    const asked = [a, b].map(document => kindOf(plans.plan(document)));
    await expect(plans.plan(c)).rejects.toMatchObject({ extensions: { code: 'PLANNER_BUSY' } });
    process.kill(plans.pid(), 'SIGCONT');
    for (const kind of await Promise.all(asked)) expect(kind).toMatch(/Sequence|Fetch/);
  });

  it('is ended when nothing is to be planned, and started again', async () => {
    const plans = await plansOf({ idleMs: 1 });
    await eventually('it is gone', () => plans.counts().pid === null && plannersOf(process.pid).length === 0);
    expect(await kindOf(plans.plan(a))).toBe('Fetch');
    expect(plans.counts()).toMatchObject({ starts: 2, crashes: 0 });
    expect(plans.logged).toEqual([]);
  });

  it('that does not start leaves planning to others, and is tried again after a pause', async () => {
    const limits = { startMs: 1, pauseMs: 1_000 };
    const plans = await plansOf(limits);
    expect(plans.logged[0]).toMatchObject({ reason: expect.stringMatching(/not ready within 1 ms/) });
    const refused = plans.plan(a);
    await expect(refused).rejects.toThrow('does not start');
    expect(await refused.catch(isFinal)).toBe(false);
    expect(plans.counts().starts).toBe(1);
    await eventually('another try', async () => {
      await kindOf(plans.plan(a));
      return plans.counts().starts === 2;
    });
  });

  it('refuses a supergraph that it cannot take', async () => {
    await expect(openNativePlans({ supergraphSdl: 'type Query {' })).rejects.toThrow();
  });

  it('tells why it has no plan, and goes on', async () => {
    const plans = await plansOf();
    const refused = plans.plan(parse('{ nothing }'));
    await expect(refused).rejects.toThrow(/nothing/);
    expect(await kindOf(plans.plan(a))).toBe('Fetch');
    expect(plans.counts()).toMatchObject({ starts: 1, crashes: 0 });
  });

  it('ends by itself when whoever started it is killed, also while it plans what takes minutes', async () => {
    const program = `
      import { parse } from 'graphql';
      import { openNativePlans } from './gateway/engine/native-plans.ts';
      import { readSupergraph } from './schema/sources.ts';
      const plans = await openNativePlans({ supergraphSdl: readSupergraph() });
      const many = Array.from({ length: 6_000 }, (_, i) => 'a' + i + ': alarms(first: ' + i + ') { nodes { host { software { release } } } }');
      plans.plan(parse('{ hosts { nodes { ' + many.join(' ') + ' } } }'));
      await plans.plan(parse('{ regions { totalCount } }')); // so that one is under way
      console.log(plans.counts().pid);`;
    const parent = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], {
      cwd: packageRoot,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said] = (await once(parent.stdout.setEncoding('utf8'), 'data')) as [string];
    const pid = Number(said);
    expect(isAlive(pid)).toBe(true);
    onTestFinished(() => void (isAlive(pid) && process.kill(pid, 'SIGKILL')));
    parent.kill('SIGKILL');
    await eventually('the planner process is gone', () => !isAlive(pid));
  });
});
