// GraphQL onto the region's alarm rate.
import type { AlarmRate } from '../../../catalogue/alarm-rate.ts';
import type { Resolvers } from '../../../runtime/subgraph-schema.ts';

export const alarmRateResolvers = (rate: { look(): Promise<AlarmRate> }): Resolvers => ({
  Region: { alarmRate: () => rate.look() },
});
