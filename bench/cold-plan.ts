// How long an operation takes that the gateway never saw: planned and compiled, by both planners, for each recorded
// operation. `npm run bench -- cold-plan`; prints a table and, as the last line, one JSON object.
import Table from 'cli-table3';
import {
  type DocumentNode,
  type GraphQLInputType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  Kind,
  type OperationDefinitionNode,
  parse,
  typeFromAST,
} from 'graphql';
import { FetchFailure } from '../federation/subgraph-answer.ts';
import { createEngine } from '../gateway/engine/engine.ts';
import { readOperations, readSupergraph } from '../schema/sources.ts';

const ROUNDS = 7; // each with an engine that knows nothing; the first one warms up
const PLANNERS = ['hive', 'apollo'] as const;
type Planner = (typeof PLANNERS)[number];

interface Recorded {
  readonly name: string;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
}

const operations = [...readOperations().values()].flatMap(recordedIn);
const times = new Map(operations.map(operation => [operation, { hive: [] as number[], apollo: [] as number[] }]));
for (let round = 0; round < ROUNDS; round++) for (const planner of PLANNERS) await planAll(planner, round > 0);
report();

function recordedIn(text: string): Recorded[] {
  const document = parse(text);
  const fragments = document.definitions.filter(definition => definition.kind === 'FragmentDefinition');
  return document.definitions
    .filter((definition): definition is OperationDefinitionNode => definition.kind === 'OperationDefinition')
    .map(operation => ({
      name: operation.name!.value,
      document: { kind: document.kind, definitions: [operation, ...fragments] },
      operation,
    }));
}

/** Values hardly change a plan, but what is needed has to be there. */
function variablesFor(api: GraphQLSchema, { variableDefinitions = [] }: OperationDefinitionNode) {
  return Object.fromEntries(
    variableDefinitions
      .filter(({ type }) => type.kind === Kind.NON_NULL_TYPE)
      .map(({ variable, type }) => [variable.name.value, leastOf(typeFromAST(api, type as never) as GraphQLInputType)]),
  );
}

function leastOf(type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return leastOf(type.ofType);
  if (isListType(type)) return [];
  if (isEnumType(type)) return type.getValues()[0]!.name;
  if (isInputObjectType(type)) {
    const needed = Object.values(type.getFields()).filter(field => isNonNullType(field.type));
    return Object.fromEntries(needed.map(field => [field.name, leastOf(field.type)]));
  }
  return type.name === 'Int' || type.name === 'Float' ? 1 : type.name === 'Boolean' ? true : 'edge-1/x';
}

async function planAll(planner: Planner, counts: boolean): Promise<void> {
  const engine = await createEngine({
    supergraphSdl: readSupergraph(),
    planner,
    fetcher: {
      fetch: () => Promise.reject(new FetchFailure({ message: 'Nothing is fetched here.' })),
      unusable: (_, flaw) => new FetchFailure({ message: flaw }),
    },
  });
  for (const operation of operations) {
    const request = { document: operation.document, variables: variablesFor(engine.apiSchema, operation.operation) };
    const before = performance.now();
    await engine.prepare(request);
    if (counts) times.get(operation)![planner].push(performance.now() - before);
  }
  await engine.close();
}

function report(): void {
  const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;
  const table = new Table({ head: ['planned and compiled, ms', ...PLANNERS], style: { head: [], border: [] } });
  const medians = [...times].map(([{ name }, { hive, apollo }]) => ({
    name,
    hive: median(hive),
    apollo: median(apollo),
  }));
  for (const { name, hive, apollo } of medians) table.push([name, hive.toFixed(2), apollo.toFixed(2)]);
  console.log(table.toString());
  const rounded = (planner: Planner): number => Number(median(medians.map(row => row[planner])).toFixed(2));
  console.log(
    JSON.stringify({ name: 'cold-plan', hiveMs: rounded('hive'), apolloMs: rounded('apollo'), rounds: ROUNDS }),
  );
}
