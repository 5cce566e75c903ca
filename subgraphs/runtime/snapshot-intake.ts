// Puts the parts of snapshots on a change stream together, one snapshot a source. A stream that breaks off leaves what it
// had begun incomplete: nothing of it counts.
import { StreamLost } from '../../runtime/line-stream.ts';
import type { EdgeSubgraph } from '../../schema/sources.ts';
import type { SnapshotPart, SnapshotRow } from './change-lines.ts';
import type { OutboxHead } from './outbox.ts';

/** Takes the rows of one snapshot. Nothing of them counts before `complete` has resolved. */
export interface SnapshotSink {
  page(rows: readonly SnapshotRow[]): Promise<void>;
  /** All rows are there: stores them and the new position in one transaction. */
  complete(): Promise<void>;
}

export interface SnapshotIntake {
  /** True when the snapshot of the part's source is complete and stored. */
  take(part: SnapshotPart): Promise<boolean>;
}

export function snapshotIntake(begin: (source: EdgeSubgraph, at: OutboxHead) => SnapshotSink): SnapshotIntake {
  const begun = new Map<EdgeSubgraph, { readonly at: OutboxHead; readonly sink: SnapshotSink }>();
  return {
    take: async ({ source, at, rows, isLast }) => {
      const snapshot = begun.get(source) ?? { at, sink: begin(source, at) };
      if (snapshot.at.sequence !== at.sequence || snapshot.at.epoch !== at.epoch)
        throw new StreamLost(`sent two snapshots of ${source} in one`);
      begun.set(source, snapshot);
      if (rows.length > 0) await snapshot.sink.page(rows);
      if (!isLast) return false;
      begun.delete(source);
      await snapshot.sink.complete();
      return true;
    },
  };
}
