// Ties the watch to what agents say and to time.
import type { Logger } from '../../../../runtime/log.ts';
import { repeating } from '../../../runtime/repeating.ts';
import type { HostService } from '../hosts/host-service.ts';
import type { HostWatch } from './host-watch.ts';
import type { Recoveries } from './recoveries.ts';

const SHORTEST_MS = 50;
const LONGEST_MS = 3_600_000;

/** The same service, and the watch hears of each beat. */
export function listening(hosts: HostService, watch: Pick<HostWatch, 'beat' | 'deaf'>): HostService {
  return {
    ...hosts,
    heartbeats: async (beats, everyMs) => {
      try {
        const answer = await hosts.heartbeats(beats, everyMs);
        watch.beat(
          beats.map(beat => beat.id),
          everyMs === undefined || everyMs === null ? null : Math.min(LONGEST_MS, Math.max(SHORTEST_MS, everyMs)),
        );
        return answer;
      } catch (error) {
        watch.deaf(); // the beat was there: that it was not noted says nothing against the hosts
        throw error;
      }
    },
  };
}

/** Answers how to stop: waits for what is under way. */
export function startWatching(watch: HostWatch, recoveries: Recoveries, log: Logger): () => Promise<void> {
  const looks = repeating({
    everyMs: watch.everyMs,
    log,
    failed: 'host watch failed; tried again at once',
    work: watch.look,
  });
  return async () => {
    await looks.stop();
    await recoveries.settled();
  };
}
