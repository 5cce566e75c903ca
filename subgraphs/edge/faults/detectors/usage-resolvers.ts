// The agents' door for usage samples.
import { z } from 'zod';
import type { Config } from '../../../../runtime/config.ts';
import { inputErrors } from '../../../runtime/checked-input.ts';
import type { Resolvers } from '../../../runtime/subgraph-schema.ts';
import type { AlarmService } from '../alarms/alarm-service.ts';
import { type Holds, type UsageSample, wantedAlarm } from './usage-thresholds.ts';

const UsageChecks = z.object({
  samples: z
    .array(
      z.object({
        hostname: z.string().min(1, 'Must not be empty.').max(120, 'At most 120 characters.'),
        instance: z.string().max(100, 'At most 100 characters.').nullish(),
        usedPercent: z.number().min(0, 'Must be 0 to 100.').max(100, 'Must be 0 to 100.'),
      }),
    )
    .max(10_000, 'At most 10,000 samples in one report.'),
});

export function usageResolvers(alarms: AlarmService, thresholds: Config['thresholds'], now: () => Date): Resolvers {
  const holds: Holds = new Map();
  return {
    Mutation: {
      reportUsage: async (_: unknown, { input }: { input: { samples: readonly UsageSample[] } }) => {
        const userErrors = inputErrors(UsageChecks, input);
        if (userErrors.length > 0) return { changes: 0, userErrors };
        const at = now().getTime();
        const changes = await alarms.settle(input.samples.map(sample => wantedAlarm(sample, thresholds, holds, at)));
        return { changes, userErrors: [] };
      },
    },
  };
}
