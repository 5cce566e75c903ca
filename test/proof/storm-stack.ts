// The whole stack as a user runs it, its regions with their own doors, and a client that follows the feed.
import { expect } from 'vitest';
import type { leftovers } from '../support/leftovers.ts';
import { aResumingFeed, type ResumingFeed } from '../support/resuming-feed.ts';
import { type LaunchOptions, newPlace, processesOf, type Stack, startStack } from '../support/stack.ts';
import { eventually } from '../support/wait.ts';
import { type Heads, headsOf, type StormyRegion } from './storm.ts';

export interface StormStack {
  readonly stack: Stack;
  readonly regions: readonly StormyRegion[];
  /** A client that is aligned, and what regions had committed by then. */
  follow(): Promise<{ readonly feed: ResumingFeed; readonly after: Heads }>;
  /** Kills the process whose command line holds the text; resolves once another one has taken its place. */
  kill(part: string): Promise<void>;
  contactOf(region: string): Promise<{ readonly state: string; readonly reason: string | null } | null>;
}

/** Call it in `beforeAll`; `left` from `leftovers()` of the same file. */
export async function aStormStack(
  left: ReturnType<typeof leftovers>,
  options: LaunchOptions = {},
): Promise<StormStack> {
  const stack = await startStack(await newPlace(), options);
  left.add(async () => {
    await stack.stop();
    expect(processesOf(stack.place)).toEqual([]);
    stack.place.remove();
  });
  const { data } = await stack.ask('{ regions { nodes { id endpoint } } }');
  const regions = (data.regions.nodes as { id: string; endpoint: string }[]).map(r => ({ id: r.id, door: r.endpoint }));
  return {
    stack,
    regions,
    follow: async () => {
      const feed = await aResumingFeed(stack.place.url);
      return { feed, after: await headsOf(regions) };
    },
    kill: async part => {
      const before = stack.pids(part);
      process.kill(before[0]!, 'SIGKILL');
      await eventually(`another process for${part}`, () => stack.pids(part).some(pid => !before.includes(pid)), 60_000);
    },
    contactOf: async region => {
      const answer = await stack.ask('query ($id: ID!) { region(id: $id) { contact { state reason } } }', {
        id: region,
      });
      return answer.data?.region?.contact ?? null;
    },
  };
}
