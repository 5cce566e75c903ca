// The program of the planner process: plans over one supergraph with the native planner, a fault of which ends whatever
// process it runs in. Plain JavaScript that loads nothing of ours: through tsx it would take 35 MB and 0.2 s of CPU more.
/** @import { FromPlanner, ToPlanner } from './planner-life.ts' */
/** @import { QueryPlanner } from '@graphql-hive/router-query-planner' */

// whoever asked is gone. Not by exit(), which waits for the planner's threads: one of them may never be done
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
// of a terminal or a service manager: the gateway gets them too, answers what is under way, and then ends this process
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => undefined);

const NO_LABELS = /** @type {Set<string>} */ (new Set());
/** @type {QueryPlanner | undefined} */
let planner;

process.on('message', async given => {
  const message = /** @type {ToPlanner} */ (given);
  tell('supergraphSdl' in message ? await open(message.supergraphSdl) : await plan(message));
});

/** @type {(supergraphSdl: string) => Promise<FromPlanner>} */
async function open(supergraphSdl) {
  try {
    const native = await import('@graphql-hive/router-query-planner');
    planner = new native.QueryPlanner(supergraphSdl);
    return { kind: 'ready' };
  } catch (error) {
    return { kind: 'unfit', reason: reasonOf(error) };
  }
}

/** @type {(asked: { id: number, operation: string }) => Promise<FromPlanner>} */
async function plan({ id, operation }) {
  try {
    if (!planner) throw new Error('asked before it was ready');
    const { node } = await planner.planAsync(operation, null, NO_LABELS, 0);
    return { kind: 'plan', id, node: node ?? null };
  } catch (error) {
    return { kind: 'noPlan', id, reason: reasonOf(error) };
  }
}

/** @type {(message: FromPlanner) => void} */
const tell = message => void process.send?.(message);

/** @type {(error: unknown) => string} */
const reasonOf = error => (error instanceof Error ? error.message : String(error));
