// Brings failed hosts back: has their workloads started elsewhere, and gives the commands that recovery.ts decides, each
// noted before it is given, so that a crash can only make them fewer.
import type { DataSource } from 'typeorm';
import type { Logger } from '../../../../runtime/log.ts';
import type { HostRow } from '../hosts/host.ts';
import { findByIds } from '../hosts/host-store.ts';
import type { Evacuation } from '../lifecycle/evacuation.ts';
import type { HostPower } from '../lifecycle/host-power.ts';
import type { LifecycleService } from '../lifecycle/lifecycle-service.ts';
import { forgetRecovery, saveRecovery } from './detection-store.ts';
import { type RecoverySettings, recoveryOf, withAttempt } from './recovery.ts';
import { isFailed, type WatchedHost } from './watched-host.ts';

export interface Recoveries {
  /** Begins what follows, each host by itself: the watch must not wait for what may hang. `at` in ms since 1970. */
  look(hosts: readonly WatchedHost[], at: number): void;
  /** Resolves when what is under way has been done. */
  settled(): Promise<void>;
}

export interface RecoveriesDeps {
  readonly dataSource: DataSource;
  readonly lifecycle: Pick<LifecycleService, 'command'>;
  readonly evacuation: Evacuation;
  readonly power: Pick<HostPower, 'available'>;
  readonly settings: RecoverySettings;
  readonly log: Logger;
}

export function recoveries({ dataSource, lifecycle, evacuation, power, settings, log }: RecoveriesDeps): Recoveries {
  const idleSince = new Map<string, number>(); // hosts that failed and wait, since when
  const emptied = new Set<string>();
  const underWay = new Map<string, Promise<void>>();

  /** What cannot be moved now is tried again at the next look, and holds up nothing else. */
  const empty = async (host: HostRow): Promise<void> => {
    if (emptied.has(host.id)) return;
    const { done } = await evacuation.evacuate(host, { force: true });
    if (done) emptied.add(host.id);
  };

  const begin = (host: WatchedHost, what: string, work: () => Promise<void>): void => {
    const key = `${what} ${host.id}`;
    if (underWay.has(key)) return;
    const done = work()
      .catch(error =>
        log.warn({ err: error, host: host.hostname }, `${what} of a failed host not carried out; tried again`),
      )
      .finally(() => underWay.delete(key));
    underWay.set(key, done);
  };

  const recover = async (watched: WatchedHost, at: number): Promise<void> => {
    const [host] = await findByIds(dataSource, [watched.id]);
    if (!host) return;
    begin(watched, 'evacuation', () => empty(host));
    if (watched.jobStep !== null) return void idleSince.delete(host.id);
    const since = idleSince.get(host.id) ?? at;
    idleSince.set(host.id, since);
    const { attempts, gaveUp } = watched;
    const action = recoveryOf({ attempts, gaveUp, since, hasPower: power.available(host) === null }, at, settings);
    if (action === 'WAIT' || gaveUp) return;
    if (action === 'GIVE_UP') {
      log.warn({ host: host.hostname, attempts: attempts.length }, 'host not recovered; left to its operators');
      return saveRecovery(dataSource, host.id, { attempts, gaveUp: true });
    }
    const attempt = { command: action, at: new Date(at).toISOString() };
    await saveRecovery(dataSource, host.id, { attempts: withAttempt(attempts, attempt, settings), gaveUp: false });
    idleSince.delete(host.id);
    const { userErrors } = await lifecycle.command(host.id, action);
    log.info({ host: host.hostname, action, refused: userErrors[0]?.message }, 'recovery of a failed host');
  };

  /** It is in service, or its operators have it: nothing that was noted of it goes on. */
  const forget = async ({ id, gaveUp, attempts, operational, administrative }: WatchedHost): Promise<void> => {
    if (administrative === 'LOCKED' && attempts.length > 0) await forgetRecovery(dataSource, id);
    else if (gaveUp && operational === 'ENABLED') await saveRecovery(dataSource, id, { attempts, gaveUp: false });
  };

  return {
    look: (hosts, at) => {
      for (const host of hosts) {
        if (isFailed(host)) begin(host, 'recovery', () => recover(host, at));
        else {
          idleSince.delete(host.id);
          emptied.delete(host.id);
          if (host.attempts.length > 0 || host.gaveUp) begin(host, 'recovery', () => forget(host));
        }
      }
    },
    settled: async () => {
      while (underWay.size > 0) await Promise.all(underWay.values());
    },
  };
}
