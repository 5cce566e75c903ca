// Asks for a comparison of a region's part of the mirror with the region and waits for its report. The replica that leads
// the mirror makes it; the request stands in the database until then, whoever leads.
import { setTimeout as pause } from 'node:timers/promises';
import type { UserError } from '../../../../schema/errors.ts';
import type { Sql } from '../../../runtime/sql.ts';
import type { RegionRow } from '../regions/region.ts';
import type { RealignRegionInput, RegionService } from '../regions/region-service.ts';
import { alignmentOf, type RegionAlignment } from './alignment.ts';
import { findAlignments } from './alignment-store.ts';

export interface AlignmentPayload {
  readonly region: RegionRow | null;
  /** Null while the comparison has not been made: it will be, and the region's alignment tells. */
  readonly report: RegionAlignment | null;
  readonly userErrors: readonly UserError[];
}

export interface AlignmentService {
  realign(input: RealignRegionInput): Promise<AlignmentPayload>;
}

export interface AlignmentServiceDeps {
  readonly sql: Sql;
  readonly regions: Pick<RegionService, 'realign'>;
}

const LOOK_MS = 100;
const LOOKS = 80; // eight seconds: below what the gateway gives the fleet service

export function alignmentService({ sql, regions }: AlignmentServiceDeps): AlignmentService {
  return {
    realign: async input => {
      const { region, userErrors } = await regions.realign(input);
      const since = region?.realignRequestedAt ?? null;
      return { region, report: region && since ? await reportSince(region.id, since) : null, userErrors };
    },
  };

  async function reportSince(region: string, since: string): Promise<RegionAlignment | null> {
    for (let look = 0; look < LOOKS; look++) {
      const report = alignmentOf(await findAlignments(sql, [region]));
      if (report !== null && report.checkedAt >= since) return report;
      await pause(LOOK_MS);
    }
    return null;
  }
}
