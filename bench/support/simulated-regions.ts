// Many regions behind one door that only have a change stream: as light as can be, so that a bench measures who follows
// them. What change `n` of a region is follows from `n` alone: any position can be asked for again, and nothing is kept.
import { randomUUID } from 'node:crypto';
import { type Exchange, openDoor } from '../../runtime/http-door.ts';
import { BEAT_MS, openLines } from '../../runtime/line-stream.ts';
import type { Logger } from '../../runtime/log.ts';
import type { ChangeLine } from '../../subgraphs/runtime/change-lines.ts';
import type { Change } from '../../subgraphs/runtime/outbox.ts';
import { freePort } from '../../test/support/free-ports.ts';

export interface SimulatedRegions {
  /** Region id to its door. */
  readonly doors: ReadonlyMap<string, string>;
  /** How many changes a region has committed so far. */
  head(region: string): number;
  /** Commits that many more in each region. */
  commit(each: number): void;
  close(): Promise<void>;
}

const BATCH = 500; // changes a line, as a real region sends them

export async function simulateRegions(ids: readonly string[], log: Logger): Promise<SimulatedRegions> {
  const heads = new Map(ids.map(id => [id, 0]));
  const epochs = new Map(ids.map(id => [id, randomUUID()]));
  const wakes = new Set<() => void>();

  const answer = async (id: string, exchange: Exchange): Promise<void> => {
    const lines = openLines(exchange);
    const write = (line: ChangeLine): Promise<void> => lines.write(line);
    const epoch = epochs.get(id)!;
    const faults = { epoch, sequence: String(heads.get(id)!) };
    await write({ hello: { region: id, heads: { inventory: { epoch, sequence: '0' }, faults }, schemas: {} } });
    const beats = setInterval(() => void write({ beat: new Date().toISOString() }), BEAT_MS);
    let position = Number(exchange.url.searchParams.get('faults') ?? 0);
    while (!lines.closed.aborted) {
      const until = Math.min(heads.get(id)!, position + BATCH);
      if (until > position) await write({ source: 'faults', changes: changesOf(position, until) });
      else await nextCommit(lines.closed);
      position = until;
    }
    clearInterval(beats);
  };
  const nextCommit = (gone: AbortSignal): Promise<void> =>
    new Promise(resolve => {
      const wake = (): void => {
        wakes.delete(wake);
        gone.removeEventListener('abort', wake);
        resolve();
      };
      wakes.add(wake);
      gone.addEventListener('abort', wake);
    });

  const port = await freePort();
  const door = await openDoor({
    host: '127.0.0.1',
    port,
    token: undefined,
    log,
    routes: ids.map(id => ({ path: `/${id}/changes`, handle: exchange => answer(id, exchange) })),
  });
  return {
    doors: new Map(ids.map(id => [id, `http://127.0.0.1:${port}/${id}`])),
    head: region => heads.get(region)!,
    commit: each => {
      for (const [id, head] of heads) heads.set(id, head + each);
      for (const wake of [...wakes]) wake();
    },
    close: () => door.close(),
  };
}

const changesOf = (after: number, until: number): Change[] =>
  Array.from({ length: until - after }, (_, i) => changeOf(after + i + 1));

const OPEN = 20; // alarms that stay open in a region

/** Each alarm is raised, changed, acknowledged and, some alarms later, cleared. */
function changeOf(n: number): Change {
  const at = new Date(Date.UTC(2026, 0, 1) + n).toISOString();
  const turn = (n - 1) % 4;
  const number = Math.floor((n - 1) / 4);
  const isClear = turn === 3 && number >= OPEN;
  const alarm = isClear ? number - OPEN : number;
  const kind = (['RAISED', 'CHANGED', 'ACKNOWLEDGED', isClear ? 'CLEARED' : 'COMMENTED'] as const)[turn]!;
  const id = `00000000-0000-4000-8000-${String(alarm).padStart(12, '0')}`;
  const hostname = `compute-${alarm % 40}`;
  const row = {
    id,
    alarmId: '100.104',
    title: 'File system threshold exceeded',
    severity: turn === 0 ? 'MAJOR' : 'CRITICAL',
    entityTypeId: 'host=<hostname>.filesystem=<mount-dir>',
    entityInstanceId: `host=${hostname}.filesystem=/var/lib/docker${alarm}`,
    hostname,
    reasonText: `Usage of file system /var/lib/docker${alarm} is 93.0 %; the major threshold is 90 %`,
    alarmType: 'operational-violation',
    probableCause: 'threshold-crossed',
    proposedRepairAction: 'Remove what is not needed, or give the file system more room.',
    serviceAffecting: false,
    managementAffecting: true,
    degradeAffecting: false,
    acknowledgedAt: turn >= 2 ? at : null,
    acknowledgedBy: turn >= 2 ? 'ada' : null,
    acknowledgedComment: null,
    suppressed: false,
    masked: false,
    raisedAt: at,
    updatedAt: at,
    clearedAt: isClear ? at : null,
    sequence: String(n),
  };
  return { sequence: String(n), at, kind, entityId: id, row };
}
