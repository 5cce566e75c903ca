// A federation in one process: subgraphs over synthetic data, their supergraph, and a way to ask each of them as a gateway does.
import { buildSubgraphSchema } from '@apollo/subgraph';
import { type DocumentNode, execute, type GraphQLError, type GraphQLSchema, parse, validate } from 'graphql';
import { composeSubgraphs, publicSchemaOf } from '../../../schema/tools/composition.ts';
import { numberedIdentities } from './identities.ts';
import { type Monolith, monolithOf } from './monolith.ts';
import { hashOf } from './random.ts';
import { type Fault, type Identities, type Scope, syntheticResolvers } from './synthetic-data.ts';

export interface FederationSource {
  readonly name: string;
  /** SDL by subgraph, without the line that links the federation specification. */
  readonly subgraphs: Readonly<Record<string, string>>;
  readonly identities?: Identities;
}

export interface SubgraphQuestion {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
}

export interface Answer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions?: Readonly<Record<string, unknown>>;
  }[];
}

export interface Federation {
  readonly name: string;
  readonly supergraphSdl: string;
  /** What clients may ask. */
  readonly api: GraphQLSchema;
  /** The same data as one graph. Of the faults it knows those of fields: it asks for no entity. */
  readonly monolith: Monolith;
  /** Refuses what the subgraph's schema does not allow, so that no wrong fetch passes unseen. */
  ask(subgraph: string, question: SubgraphQuestion, scope: Scope): Promise<Answer>;
}

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [
  "@key", "@external", "@requires", "@provides", "@shareable", "@override", "@inaccessible", "@interfaceObject"
])\n`;

export function federationOf({ name, subgraphs, identities = numberedIdentities() }: FederationSource): Federation {
  const linked = new Map(
    Object.entries(subgraphs).map(([subgraph, sdl]) => [subgraph, sdl.includes('@link(') ? sdl : LINK + sdl]),
  );
  const composition = composeSubgraphs(linked);
  if (!composition.ok) throw new Error(`${name} does not compose:\n${composition.problems.join('\n')}`);
  const schemas = new Map(
    [...linked].map(([subgraph, sdl]) => {
      const typeDefs = parse(sdl);
      const resolvers = syntheticResolvers(typeDefs, identities, subgraph);
      const schema = buildSubgraphSchema({ typeDefs, resolvers });
      return [subgraph, { typeDefs, schema, known: new Map<string, Known>() }];
    }),
  );
  return {
    name,
    supergraphSdl: composition.supergraphSdl,
    api: publicSchemaOf(composition.supergraphSdl),
    monolith: monolithOf({
      publicSchema: () => publicSchemaOf(composition.supergraphSdl),
      subgraphs: [...schemas.values()].map(({ schema }) => schema),
      typeDefs: [...schemas.values()].map(({ typeDefs }) => typeDefs),
      identities,
    }),
    ask: async (subgraph, { query, variables }, scope) => {
      const { schema, known } = schemas.get(subgraph)!;
      const { document, flaws } = readOnce(query, schema, known);
      if (flaws.length > 0)
        return { errors: flaws.map(({ message }) => ({ message, extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } })) };
      const result = await execute({ schema, document, variableValues: variables, contextValue: scope });
      return JSON.parse(JSON.stringify(result)); // as it is after its way over the network
    },
  };
}

interface Known {
  readonly document: DocumentNode;
  readonly flaws: readonly GraphQLError[];
}

function readOnce(query: string, schema: GraphQLSchema, known: Map<string, Known>): Known {
  const found = known.get(query);
  if (found) return found;
  const document = parse(query);
  const read = { document, flaws: validate(schema, document) };
  known.set(query, read);
  return read;
}

export const nothingFails = (): Scope => ({ faultAt: () => null, mutations: 0 });

/** As `someFail`, but no subgraph fails to find an entity: what goes wrong does so whoever is asked. */
export function someFieldsFail(seed: number, perMille: number): Scope {
  const { faultAt, mutations } = someFail(seed, perMille);
  return { faultAt: place => (isEntityPlace(place) ? null : faultAt(place)), mutations };
}

/** `<subgraph>:<identity>`; those of fields begin with `#<identity>.` or `Query.`. */
export const isEntityPlace = (place: string): boolean => /^\w+:/.test(place);

/** At `perMille` of a thousand places something goes wrong: as often a null as an error. */
export function someFail(seed: number, perMille: number): Scope {
  const faultAt = (place: string): Fault | null => {
    const hash = hashOf(`${seed} ${place}`);
    if (hash % 1_000 >= perMille) return null;
    return (hash >>> 16) % 2 === 0 ? 'null' : 'error';
  };
  return { faultAt, mutations: 0 };
}
