// What the engine of a gateway keeps and shares, as metrics. After a change of the supergraph its counts begin anew.
import type { Metrics } from '../../runtime/metrics.ts';
import type { DirectAnswers } from './direct-answers.ts';
import type { EngineCounts } from './engine.ts';
import type { EngineGenerations } from './engine-generations.ts';

const ofProcess =
  (name: 'starts' | 'crashes' | 'overdue') =>
  ({ plannerProcess }: EngineCounts): number =>
    plannerProcess?.[name] ?? 0;

const COUNTS: readonly (readonly ['gauge' | 'counter', string, string, (counts: EngineCounts) => number])[] = [
  ['gauge', 'operations_kept', 'Operations that are kept planned and compiled.', ({ operations }) => operations.size],
  ['counter', 'operation_hits_total', 'Requests whose operation was kept.', ({ operations }) => operations.hits],
  [
    'counter',
    'operation_misses_total',
    'Requests whose operation had to be planned.',
    ({ operations }) => operations.misses,
  ],
  [
    'gauge',
    'planner_process_running',
    'Planner processes of the newest supergraph: 1, or 0 while it is idle.',
    ({ plannerProcess }) => (plannerProcess?.pid ? 1 : 0),
  ],
  ['counter', 'planner_starts_total', 'Planner processes started.', ofProcess('starts')],
  ['counter', 'planner_crashes_total', 'Planner processes that ended by themselves.', ofProcess('crashes')],
  ['counter', 'planner_overdue_total', 'Operations that took the planner process too long.', ofProcess('overdue')],
  ['counter', 'queries_started_total', 'Executions of queries.', ({ queries }) => queries.started],
  ['counter', 'queries_joined_total', 'Queries answered by an execution under way.', ({ queries }) => queries.joined],
];

export function engineMetrics(
  metrics: Metrics,
  engine: Pick<EngineGenerations, 'name' | 'counts' | 'generation' | 'alive'>,
  direct: Pick<DirectAnswers, 'count'>,
): void {
  metrics.gauge({
    name: 'murmuration_engine_info',
    help: 'Always 1; its labels name the engine and its planner.',
    read: () => [{ labels: { engine: engine.name, planner: engine.counts?.().planner ?? '' }, value: 1 }],
  });
  metrics.counter({
    name: 'murmuration_supergraph_reloads_total',
    help: 'Supergraphs taken over since the start.',
    read: () => [{ value: engine.generation() }],
  });
  metrics.gauge({
    name: 'murmuration_engines_alive',
    help: 'Engines that are not closed: the newest, the one before it, and those with something under way.',
    read: () => [{ value: engine.alive() }],
  });
  metrics.counter({
    name: 'murmuration_direct_answers_total',
    help: 'Requests whose document was known to be valid and that needed no @apollo/server.',
    read: () => [{ value: direct.count() }],
  });
  if (!engine.counts) return; // the reference engine counts nothing
  for (const [kind, name, help, numberOf] of COUNTS)
    metrics[kind]({ name: `murmuration_${name}`, help, read: () => [{ value: numberOf(engine.counts!()) }] });
}
