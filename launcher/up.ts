// `npm start`: brings up the whole stack on this machine and keeps it up until somebody asks it to stop. Gives back the
// exit code; everything it started is gone by then.
import { ConfigError } from '../runtime/config.ts';
import { LaunchError, messageOf } from './launch-error.ts';
import { createStack, type Stack, type StackDeps } from './stack.ts';
import { listenForStop } from './stop-signals.ts';
import { seconds } from './supervisor.ts';

export async function up(deps: StackDeps): Promise<number> {
  const { screen } = deps;
  const stop = listenForStop();
  const stack = createStack(deps);
  stop.insisted.then(() => {
    screen.warn('Killed at once. PostgreSQL recovers at the next start.');
    stack.killAll();
    process.exit(130);
  });
  try {
    const stoppedEarly = await Promise.race([stack.bringUp(), stop.requested]);
    const cause = stoppedEarly ?? (await stop.requested);
    screen.say(`\nStopping (${cause}). Again to kill at once.`);
    await takeDown(stack, deps);
    return 0;
  } catch (error) {
    screen.fail(explain(error));
    await takeDown(stack, deps);
    return 1;
  } finally {
    stop.dispose();
  }
}

async function takeDown(stack: Stack, { screen }: StackDeps): Promise<void> {
  const startedAt = performance.now();
  const hadStarted = stack.hasStarted();
  await stack.takeDown();
  if (hadStarted) screen.say(`Everything stopped (${seconds(performance.now() - startedAt)}); state is kept.`);
}

/** What was foreseen in its own words; anything else with its stack, because then somebody has to look for a bug. */
export function explain(error: unknown): string {
  const isForeseen =
    error instanceof LaunchError ||
    error instanceof ConfigError ||
    (error as { syscall?: string })?.syscall !== undefined;
  return isForeseen || !(error instanceof Error) ? messageOf(error) : (error.stack ?? error.message);
}
