// GraphQL onto the history of alarms.
import type { DataSource } from 'typeorm';
import { type Connection, connectionOf, type PageArguments, pageOf } from '../../../runtime/connection.ts';
import type { Resolvers } from '../../../runtime/subgraph-schema.ts';
import type { AlarmRow } from '../alarms/alarm.ts';
import type { FaultsContext } from '../context.ts';
import { keyOfLogged } from './log-store.ts';
import type { TransitionRow } from './transition.ts';
import { countTransitions, type HistoryFilter, listTransitions } from './transition-store.ts';

type ListArguments = PageArguments & { readonly filter?: HistoryFilter | null };

export function historyResolvers(dataSource: DataSource): Resolvers {
  return {
    Region: {
      alarmHistory: async (_: unknown, args: ListArguments) => {
        const filter = args.filter ?? {};
        const found = await listTransitions(dataSource, filter, historyPage(args));
        // millions are counted only for who asks how many
        return { ...toConnection(found, args, 0), totalCount: () => countTransitions(dataSource, filter) };
      },
    },
    Alarm: {
      history: async (alarm: AlarmRow, args: PageArguments, context: FaultsContext) => {
        const { id, entityInstanceId, raisedAt, clearedAt } = alarm;
        const page = historyPage(args);
        const list = await context.historyByAlarm.load({ life: { id, entityInstanceId, raisedAt, clearedAt }, page });
        return toConnection(list.found, args, list.totalCount);
      },
    },
    AlarmTransition: {
      alarm: ({ alarm }: TransitionRow, _: unknown, context: FaultsContext) => context.alarmById.load(alarm),
    },
  };
}

const historyPage = (args: PageArguments) => pageOf(args, ['instant', 'sequence']);

const toConnection = (found: TransitionRow[], args: PageArguments, totalCount: number): Connection<TransitionRow> =>
  connectionOf<TransitionRow>({ found, totalCount, page: historyPage(args), keyOf: keyOfLogged });
