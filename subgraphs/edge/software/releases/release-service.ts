// Takes what agents say their hosts run; a host that changed its release is a change in the outbox.
import { z } from 'zod';
import type { UserError } from '../../../../schema/errors.ts';
import { inputErrors } from '../../../runtime/checked-input.ts';
import type { Outbox } from '../../../runtime/outbox.ts';
import { findByHosts, type ReportedSoftware, saveSoftware } from './release-store.ts';

const ReportChecks = z.object({
  hosts: z
    .array(
      z.object({
        release: z.string().regex(/^[\w.+~-]{1,120}$/, 'A release id has 1 to 120 letters, digits and . _ + ~ -'),
        softwareVersion: z.string().max(60, 'At most 60 characters.').nullish(),
      }),
    )
    .max(10_000, 'At most 10,000 hosts in one report.'),
});

export interface ReleaseService {
  report(hosts: readonly ReportedSoftware[]): Promise<{ userErrors: readonly UserError[] }>;
}

export function releaseService({ outbox, now }: { readonly outbox: Outbox; now(): Date }): ReleaseService {
  return {
    report: async hosts => {
      const userErrors = inputErrors(ReportChecks, { hosts });
      if (userErrors.length > 0) return { userErrors };
      const latest = [...new Map(hosts.map(host => [host.id, host])).values()];
      await outbox.transaction(async tx => {
        const before = await findByHosts(
          tx.sql,
          latest.map(host => host.id),
        );
        const known = new Map(before.map(row => [row.hostId, row.release]));
        await saveSoftware(tx.sql, latest, now().toISOString());
        for (const { id, release } of latest)
          if (known.get(id) !== release) tx.append('HOST_SOFTWARE_CHANGED', id, () => ({ hostId: id, release }));
      });
      return { userErrors: [] };
    },
  };
}
