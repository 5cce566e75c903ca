// GraphQL onto alarms: unpack, call, name the outcome.
import type { DataSource } from 'typeorm';
import { makeId } from '../../../../schema/identity.ts';
import { type Connection, connectionOf, type PageArguments, pageOf } from '../../../runtime/connection.ts';
import type { Resolvers } from '../../../runtime/subgraph-schema.ts';
import { isOwnRegion, localId, localUuid } from '../../own-region.ts';
import type { FaultsContext } from '../context.ts';
import type { AlarmRow } from './alarm.ts';
import type { AlarmService, ClearInput, RaiseInput } from './alarm-service.ts';
import { type AlarmList, keyOfAlarm, listOpen, type RegionAlarmFilter } from './alarm-store.ts';

export interface AlarmResolverDeps {
  readonly region: string;
  readonly dataSource: DataSource;
  readonly alarms: AlarmService;
  now(): Date;
}

type ListArguments = PageArguments & { readonly filter?: RegionAlarmFilter | null };
type AcknowledgeInput = {
  readonly id: string;
  readonly comment?: string | null;
  readonly idempotencyKey?: string | null;
};

export function alarmResolvers({ region, dataSource, alarms, now }: AlarmResolverDeps): Resolvers {
  const load = (id: string, context: FaultsContext) => {
    const local = localUuid(region, id);
    return local === null ? null : context.alarmById.load(local);
  };
  const toConnection = (list: AlarmList, args: ListArguments): Connection<AlarmRow> =>
    connectionOf({ ...list, page: alarmPage(args), keyOf: keyOfAlarm, asOf: now().toISOString() });

  return {
    Query: {
      alarm: (_: unknown, { id }: { id: string }, context: FaultsContext) => load(id, context),
    },
    Mutation: {
      raiseAlarm: (_: unknown, { input }: { input: RaiseInput & { region: string } }) =>
        isOwnRegion(region, input.region) && alarms.raise(input),
      clearAlarm: (_: unknown, { input }: { input: ClearInput }) => {
        if (input.region) isOwnRegion(region, input.region);
        return alarms.clear(input.id ? { ...input, id: localId(region, input.id) } : input);
      },
      acknowledgeAlarm: (_: unknown, { input: { id, ...input } }: { input: AcknowledgeInput }) =>
        alarms.acknowledge(localId(region, id), input),
      unacknowledgeAlarm: (_: unknown, { input: { id, ...input } }: { input: AcknowledgeInput }) =>
        alarms.unacknowledge(localId(region, id), input),
    },
    Region: {
      __resolveReference: ({ id }: { id: string }) => (isOwnRegion(region, id) ? { id } : null),
      alarms: async (_: unknown, args: ListArguments) =>
        toConnection(await listOpen(dataSource, args.filter ?? {}, alarmPage(args)), args),
    },
    Host: {
      __resolveReference: ({ id }: { id: string }) => ({ id }),
      alarms: async ({ id }: { id: string }, args: ListArguments, context: FaultsContext) => {
        const hostname = await context.hostnameById.load(localId(region, id));
        if (hostname === null) return null; // not named yet, or not heard of here yet: unknown is not empty
        const list = await context.alarmsByHost.load({ hostname, filter: args.filter ?? {}, page: alarmPage(args) });
        return toConnection(list, args);
      },
    },
    Alarm: {
      __resolveReference: ({ id }: { id: string }, context: FaultsContext) => load(id, context),
      id: (alarm: AlarmRow) => makeId(region, alarm.id),
      region: () => ({ id: region }),
      acknowledged: ({ acknowledgedAt, acknowledgedComment }: AlarmRow) =>
        acknowledgedAt === null ? null : { at: acknowledgedAt, comment: acknowledgedComment },
      host: async ({ hostname }: AlarmRow, _: unknown, context: FaultsContext) => {
        const id = hostname === null ? null : await context.hostIdByName.load(hostname);
        return id === null ? null : { id: makeId(region, id) };
      },
    },
  };
}

const alarmPage = (args: PageArguments) => pageOf(args, ['instant', 'uuid']);
