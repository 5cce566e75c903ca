// The queue's files: segments of JSON lines, only ever appended to and then removed whole, and a note of how far they
// were dealt with. A segment that an earlier process left is read and removed, never written to: its last line may be half.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { type FileHandle, open, rename, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { lineOf, type QueuedEvent, readLine } from './queued-event.ts';

const EVENTS_PER_SEGMENT = 500; // about 150 KB; a segment goes when its last event was dealt with
const DONE_FILE = 'done';

export interface Segments {
  /** Events that were not dealt with, oldest first. */
  readonly kept: readonly QueuedEvent[];
  /** Lines that could not be read. */
  readonly unreadable: number;
  /** The highest number that was ever given, as far as the folder knows. */
  readonly last: number;
  /** Resolves when the events would survive a power cut. After a failure none of them counts as written. */
  append(events: readonly QueuedEvent[]): Promise<void>;
  /** Everything up to this number was dealt with. */
  done(upTo: number): Promise<void>;
  close(): Promise<void>;
}

interface Segment {
  readonly file: string;
  last: number;
  size: number;
}

export function openSegments(folder: string): Segments {
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const doneFile = path.join(folder, DONE_FILE);
  const doneBefore = readDone(doneFile);
  const found = readSegments(folder);
  const segments: Segment[] = found.map(({ file, events }) => ({
    file,
    last: events.at(-1)?.n ?? 0,
    size: events.length,
  }));
  const all = found.flatMap(({ events }) => events).sort((a, b) => a.n - b.n);
  let current: { readonly segment: Segment; readonly handle: FileHandle } | null = null;

  async function begin(first: number) {
    await end();
    const file = path.join(folder, `${String(first).padStart(16, '0')}-${randomBytes(4).toString('hex')}.jsonl`);
    const handle = await open(file, 'ax', 0o600);
    const segment = { file, last: first - 1, size: 0 };
    segments.push(segment);
    current = { segment, handle };
    await syncFolder(folder);
    return current;
  }

  async function end(): Promise<void> {
    const ending = current;
    current = null;
    await ending?.handle.close();
  }

  return {
    kept: all.filter(event => event.n > doneBefore),
    unreadable: found.reduce((sum, { unreadable }) => sum + unreadable, 0),
    last: Math.max(doneBefore, all.at(-1)?.n ?? 0),
    async append(events) {
      const first = events[0];
      if (first === undefined) return;
      const to = current !== null && current.segment.size < EVENTS_PER_SEGMENT ? current : await begin(first.n);
      try {
        await to.handle.appendFile(events.map(lineOf).join(''));
        await to.handle.datasync();
      } catch (error) {
        await end().catch(() => undefined); // the failure to write is what is told
        throw error;
      }
      to.segment.last = events.at(-1)!.n;
      to.segment.size += events.length;
    },
    async done(upTo) {
      const isOver = (segment: Segment): boolean => segment.last <= upTo;
      if (current !== null && isOver(current.segment)) await end();
      const over = segments.filter(isOver);
      // before the files go: numbers must not begin anew below what is noted. Not synced: an older note costs a resend only
      await writeFile(`${doneFile}.new`, String(upTo), { mode: 0o600 });
      await rename(`${doneFile}.new`, doneFile);
      for (const segment of over) {
        await unlink(segment.file).catch(ignoreMissing);
        segments.splice(segments.indexOf(segment), 1);
      }
    },
    close: end,
  };
}

interface FoundSegment {
  readonly file: string;
  readonly events: readonly QueuedEvent[];
  readonly unreadable: number;
}

function readSegments(folder: string): FoundSegment[] {
  const names = fs.readdirSync(folder).filter(name => name.endsWith('.jsonl'));
  return names.sort().map(name => {
    const file = path.join(folder, name);
    const lines = fs.readFileSync(file, 'utf8').split('\n').filter(Boolean);
    const events = lines.map(readLine).filter(event => event !== null);
    return { file, events, unreadable: lines.length - events.length };
  });
}

function readDone(file: string): number {
  try {
    return Number.parseInt(fs.readFileSync(file, 'utf8'), 10) || 0;
  } catch (error) {
    ignoreMissing(error);
    return 0;
  }
}

/** A file is not there after a power cut unless its folder was synced too. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function ignoreMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
