// GraphQL onto the event log: unpack, call, name the outcome. What the catalogue says of an event is looked up, not stored:
// an update of the product may bring its definition.
import type { DataSource } from 'typeorm';
import { makeId } from '../../../../schema/identity.ts';
import type { AlarmDefinition, Catalogue } from '../../../catalogue/catalogue.ts';
import { connectionOf, type PageArguments, pageOf } from '../../../runtime/connection.ts';
import type { Resolvers } from '../../../runtime/subgraph-schema.ts';
import { isOwnRegion, localId } from '../../own-region.ts';
import type { FaultsContext } from '../context.ts';
import { keyOfLogged } from '../history/log-store.ts';
import type { EventRow } from './event.ts';
import type { EventService, ReportEventInput, ReportEventsInput } from './event-service.ts';
import { countEvents, type EventFilter, listEvents } from './event-store.ts';

export interface EventResolverDeps {
  readonly region: string;
  readonly dataSource: DataSource;
  readonly catalogue: Catalogue;
  readonly events: EventService;
}

type InRegion<I> = { readonly input: I & { readonly region: string } };
type ListArguments = PageArguments & { readonly filter?: EventFilter | null };

export function eventResolvers({ region, dataSource, catalogue, events }: EventResolverDeps): Resolvers {
  const said =
    <T>(what: (definition: AlarmDefinition) => T) =>
    ({ eventId }: EventRow): T | null => {
      const definition = catalogue.find(eventId);
      return definition && what(definition);
    };

  return {
    Mutation: {
      reportEvent: (_: unknown, { input }: InRegion<ReportEventInput>) =>
        isOwnRegion(region, input.region) && events.report(input),
      reportEvents: (_: unknown, { input }: InRegion<ReportEventsInput>) =>
        isOwnRegion(region, input.region) && events.reportAll(input),
    },
    Region: {
      events: async (_: unknown, args: ListArguments) => {
        const filter = args.filter ?? {};
        const found = await listEvents(dataSource, filter, eventPage(args));
        return toConnection(found, args, () => countEvents(dataSource, filter));
      },
    },
    Host: {
      events: async ({ id }: { id: string }, args: ListArguments, context: FaultsContext) => {
        const hostname = await context.hostnameById.load(localId(region, id));
        if (hostname === null) return null; // not named yet, or not heard of here yet: unknown is not empty
        const filter = args.filter ?? {};
        const found = await context.eventsByHost.load({ hostname, filter, page: eventPage(args) });
        return toConnection(found, args, () => context.eventCountByHost.load({ hostname, filter }));
      },
    },
    Event: {
      id: ({ id }: EventRow) => makeId(region, id),
      catalogued: ({ eventId }: EventRow) => catalogue.has(eventId),
      title: said(({ title }) => title),
      eventType: said(({ alarmType }) => alarmType),
      probableCause: said(({ probableCause }) => probableCause),
      serviceAffecting: said(({ serviceAffecting }) => serviceAffecting),
      host: async ({ hostname }: EventRow, _: unknown, context: FaultsContext) => {
        const id = hostname === null ? null : await context.hostIdByName.load(hostname);
        return id === null ? null : { id: makeId(region, id) };
      },
    },
  };
}

const eventPage = (args: PageArguments) => pageOf(args, ['instant', 'sequence']);

/** Millions are counted only for who asks how many. */
const toConnection = (found: readonly EventRow[], args: PageArguments, totalCount: () => Promise<number>) => ({
  ...connectionOf({ found, totalCount: 0, page: eventPage(args), keyOf: keyOfLogged }),
  totalCount,
});
