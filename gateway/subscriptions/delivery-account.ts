// Counts, region by region, the alarm changes that this gateway wrote to clients and those it told them to have missed, and
// tells the fleet service what came since the last time. Each report has a number and is sent until it is taken, so that
// a lost answer counts nothing twice; what a killed gateway had not yet reported is not counted.
import { randomUUID } from 'node:crypto';
import { request } from 'undici';
import type { Logger } from '../../runtime/log.ts';
import type { Series } from '../../runtime/metrics.ts';
import type { ToldEvent } from './told-event.ts';

export interface RegionDeliveries {
  /** Empty for what cannot be laid to one region. */
  readonly region: string;
  readonly delivered: number;
  readonly lagged: number;
}

export interface DeliveryAccount {
  note(event: ToldEvent): void;
  /** Since this process began, for metrics. */
  totals(of: 'delivered' | 'lagged'): Series[];
  /** Reports what has not been reported, if the fleet service can be reached. */
  report(): Promise<void>;
  close(): Promise<void>;
}

export interface DeliveryAccountDeps {
  /** Address of the fleet service. */
  readonly fleetUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly log: Logger;
}

const REPORT_MS = 5_000;
const DEADLINE_MS = 2_000; // a closing gateway waits no longer either
const MOST_REGIONS = 10_000; // a report holds no more, and no fleet is as large
const NO_CHANGE = new Set(['SNAPSHOT', 'ALIGNED', 'HEARTBEAT', 'REGION_STALE', 'REGION_BACK', 'LIST_REBUILT']);

interface Count {
  delivered: number;
  lagged: number;
}

export function openDeliveryAccount({ fleetUrl, headers, log }: DeliveryAccountDeps): DeliveryAccount {
  const totals = new Map<string, Count>();
  let unsaid = new Map<string, Count>();
  let sending: RegionDeliveries[] | undefined;
  let teller = randomUUID();
  let number = 1;
  let underWay: Promise<void> | undefined;

  const send = async (): Promise<void> => {
    if (!sending) {
      if (unsaid.size === 0) return;
      sending = [...unsaid].map(([region, count]) => ({ region, ...count }));
      unsaid = new Map();
    }
    const { statusCode, body } = await request(`${fleetUrl}/feed/deliveries`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ teller, report: number, regions: sending }),
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    await body.dump();
    if (statusCode === 409) {
      // the fleet service forgot this count: whether the report was counted before, nobody knows
      teller = randomUUID();
      number = 0;
    } else if (statusCode !== 200) throw new Error(`the fleet service answered with status ${statusCode}`);
    sending = undefined;
    number++;
  };
  const report = (): Promise<void> => {
    underWay ??= send()
      .catch(error => log.debug({ err: error }, 'deliveries not reported; sent again with the next report'))
      .finally(() => {
        underWay = undefined;
      });
    return underWay;
  };
  const timer = setInterval(report, REPORT_MS);

  return {
    note: ({ facts }) => {
      if (facts === null || NO_CHANGE.has(facts.kind)) return;
      const region = facts.region ?? '';
      for (const counts of [totals, unsaid]) {
        let count = counts.get(region);
        if (!count) {
          if (counts.size >= MOST_REGIONS) continue;
          count = { delivered: 0, lagged: 0 };
          counts.set(region, count);
        }
        if (facts.kind === 'LAGGED') count.lagged += facts.missed ?? 0;
        else count.delivered++;
      }
    },
    totals: of => [...totals].map(([region, count]) => ({ labels: { region }, value: count[of] })),
    report,
    close: async () => {
      clearInterval(timer);
      await underWay;
      await report();
    },
  };
}
