// Brings failed hosts back: has their workloads started elsewhere, and gives the commands that recovery.ts decides, each
// noted before it is given, so that a crash can only make them fewer.
import type { DataSource } from 'typeorm';
import type { Logger } from '../../../../runtime/log.ts';
import { findByIds } from '../hosts/host-store.ts';
import type { Evacuation } from '../lifecycle/evacuation.ts';
import type { HostPower } from '../lifecycle/host-power.ts';
import type { LifecycleService } from '../lifecycle/lifecycle-service.ts';
import { forgetRecovery, saveRecovery } from './detection-store.ts';
import { type RecoverySettings, recoveryOf, withAttempt } from './recovery.ts';
import { isFailed, type WatchedHost } from './watched-host.ts';

export interface Recoveries {
  /** `at` in ms since 1970. */
  look(hosts: readonly WatchedHost[], at: number): Promise<void>;
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

  const recover = async (watched: WatchedHost, at: number): Promise<void> => {
    const [host] = await findByIds(dataSource, [watched.id]);
    if (!host) return;
    if (!emptied.has(host.id) && (await evacuation.evacuate(host, { force: true })).done) emptied.add(host.id);
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

  return {
    look: async (hosts, at) => {
      for (const host of hosts.filter(isFailed))
        await recover(host, at).catch(error =>
          log.warn({ err: error, host: host.hostname }, 'recovery not carried out'),
        );
      const back = hosts.filter(host => !isFailed(host));
      for (const { id } of back) {
        idleSince.delete(id);
        emptied.delete(id);
      }
      for (const host of back.filter(({ gaveUp, operational }) => gaveUp && operational === 'ENABLED'))
        await saveRecovery(dataSource, host.id, { attempts: host.attempts, gaveUp: false });
      const locked = back.filter(({ administrative, attempts }) => administrative === 'LOCKED' && attempts.length > 0);
      if (locked.length > 0)
        await forgetRecovery(
          dataSource,
          locked.map(({ id }) => id),
        );
    },
  };
}
