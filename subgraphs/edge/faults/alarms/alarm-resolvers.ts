// GraphQL onto alarms: unpack, call, name the outcome.
import type { DataSource } from 'typeorm';
import { makeId } from '../../../../schema/identity.ts';
import { type Connection, connectionOf, type PageArguments, pageOf } from '../../../runtime/connection.ts';
import type { Resolvers } from '../../../runtime/subgraph-schema.ts';
import { isOwnRegion, localId, localUuid } from '../../own-region.ts';
import type { FaultsContext } from '../context.ts';
import type { AlarmRow } from './alarm.ts';
import type { ClearInput, ClearPayload, Many, NoteInput, RaiseInput, RaiseItem } from './alarm-commands.ts';
import type { AlarmService } from './alarm-service.ts';
import { type AlarmKey, type AlarmList, keyOfAlarm, listOpen, type RegionAlarmFilter } from './alarm-store.ts';

export interface AlarmResolverDeps {
  readonly region: string;
  readonly dataSource: DataSource;
  readonly alarms: AlarmService;
  now(): Date;
}

type ListArguments = PageArguments & { readonly filter?: RegionAlarmFilter | null };
type InRegion<I> = { readonly input: I & { readonly region: string } };
type OnAlarm = { readonly input: NoteInput & { readonly id: string } };

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
      raiseAlarm: (_: unknown, { input }: InRegion<RaiseInput>) =>
        isOwnRegion(region, input.region) && alarms.raise(input),
      raiseAlarms: (_: unknown, { input }: InRegion<Many<RaiseItem>>) =>
        isOwnRegion(region, input.region) && alarms.raiseAll(input),
      clearAlarm: (_: unknown, { input }: { input: ClearInput }) => {
        if (input.region) isOwnRegion(region, input.region);
        return alarms.clear(input.id ? { ...input, id: localId(region, input.id) } : input);
      },
      clearAlarms: (_: unknown, { input }: InRegion<Many<AlarmKey>>) =>
        isOwnRegion(region, input.region) && alarms.clearAll(input),
      acknowledgeAlarm: (_: unknown, { input: { id, ...input } }: OnAlarm) =>
        alarms.acknowledge(localId(region, id), input),
      unacknowledgeAlarm: (_: unknown, { input: { id, ...input } }: OnAlarm) =>
        alarms.unacknowledge(localId(region, id), input),
      commentAlarm: (_: unknown, { input: { id, ...input } }: OnAlarm) => alarms.comment(localId(region, id), input),
    },
    ClearAlarmPayload: {
      // an answer kept under an idempotencyKey by an older release has no count
      cleared: ({ alarm, cleared }: Partial<ClearPayload>) => cleared ?? (alarm ? 1 : 0),
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
      acknowledged: ({ acknowledgedAt, acknowledgedBy, acknowledgedComment }: AlarmRow) =>
        acknowledgedAt === null ? null : { at: acknowledgedAt, by: acknowledgedBy, comment: acknowledgedComment },
      comments: ({ id }: AlarmRow, _: unknown, context: FaultsContext) => context.commentsByAlarm.load(id),
      host: async ({ hostname }: AlarmRow, _: unknown, context: FaultsContext) => {
        const id = hostname === null ? null : await context.hostIdByName.load(hostname);
        return id === null ? null : { id: makeId(region, id) };
      },
    },
  };
}

const alarmPage = (args: PageArguments) => pageOf(args, ['instant', 'uuid']);
