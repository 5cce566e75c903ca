// The last changes that this process committed: a follower that stands right before them gets them without reading them
// back. Only a run without gaps is kept, and only what is certain: everything else is read from the table.
import type { Change } from './outbox.ts';

export interface FreshChanges {
  /** Up to `limit` changes after a position, oldest first; null when they must be read from the table, if there are any. */
  after(position: string, limit: number): readonly Change[] | null;
  /** Calls back with the last number after each commit of this process; answers how to stop. */
  on(committed: (last: string) => void): () => void;
}

/** A change before it is read: the row is JSON. */
export interface WrittenChange extends Omit<Change, 'row'> {
  readonly row: string;
}

const KEPT = 200; // changes; about 200 KB for each outbox

export function freshChanges(): FreshChanges & { add(before: string, changes: readonly WrittenChange[]): void } {
  let kept: readonly WrittenChange[] = [];
  const followers = new Set<(last: string) => void>();
  return {
    add: (before, changes) => {
      // two commits can be heard of in the wrong order, and another process may have written in between
      kept = (kept.at(-1)?.sequence === before ? [...kept, ...changes] : changes).slice(-KEPT);
      for (const tell of followers) tell(changes.at(-1)!.sequence);
    },
    after: (position, limit) => {
      const from = kept[0] === undefined ? -1 : Number(BigInt(position) + 1n - BigInt(kept[0].sequence));
      if (from < 0 || from >= kept.length) return null;
      return kept.slice(from, from + limit).map(change => ({ ...change, row: JSON.parse(change.row) as unknown }));
    },
    on: committed => {
      followers.add(committed);
      return () => followers.delete(committed);
    },
  };
}
