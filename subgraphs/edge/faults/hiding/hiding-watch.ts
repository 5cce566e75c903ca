// Looks once a second for suppressions that are over and maintenance windows that begin or end. While the region is down
// nothing of that happens: what is due then is found by the first look.
import type { Logger } from '../../../../runtime/log.ts';
import { repeating } from '../../../runtime/repeating.ts';
import type { Sql } from '../../../runtime/sql.ts';
import type { MaintenanceService } from '../maintenance/maintenance-service.ts';
import type { SuppressionService } from '../suppressions/suppression-service.ts';
import { findDue } from './cover-store.ts';

export interface HidingWatchDeps {
  readonly sql: Sql;
  readonly suppressions: Pick<SuppressionService, 'expire'>;
  readonly maintenance: Pick<MaintenanceService, 'turn'>;
  readonly log: Logger;
  now(): Date;
}

const EVERY_MS = 1_000;

/** Answers how to stop. */
export function watchHiding({ sql, suppressions, maintenance, log, now }: HidingWatchDeps): () => Promise<void> {
  const look = async (): Promise<void> => {
    const due = await findDue(sql, now().toISOString()); // the usual case: one read and no lock
    if (due.suppressions) log.info({ suppressions: await suppressions.expire() }, 'suppressions expired');
    if (due.windows) log.info({ windows: await maintenance.turn() }, 'maintenance windows begun or ended');
  };
  return repeating({ everyMs: EVERY_MS, log, failed: 'watch of suppressions and maintenance failed', work: look }).stop;
}
