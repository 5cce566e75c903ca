// What the gateway must know of a subscription to the alarm feed to go on with it by itself: its operation asks for kind,
// cursor, region and missed under names of the gateway's own, and takes the cursor to start after as a variable. Pure.

import {
  type DocumentNode,
  type FieldNode,
  Kind,
  type OperationDefinitionNode,
  print,
  type ValueNode,
  type VariableDefinitionNode,
  valueFromASTUntyped,
  visit,
} from 'graphql';
import {
  type OperationShape,
  readShape,
  responseName,
  rootFields,
  type Variables,
} from '../routing/operation-shape.ts';
import type { SubgraphAnswer, SubgraphRequest } from '../routing/transport.ts';

export interface FeedOperation {
  /** The cursor that the client starts after. */
  readonly after: string | null;
  requestAfter(after: string | null): SubgraphRequest;
  /** What the gateway asks of each event for itself; null for a result without data. */
  read(event: SubgraphAnswer): FeedFacts | null;
}

export interface FeedFacts {
  readonly kind: string;
  readonly cursor: string;
  /** Region id. */
  readonly region: string | null;
  /** Of LAGGED: how many events the log no longer had. */
  readonly missed: number | null;
}

const AFTER = 'murmuration_after';
const CURSOR = 'murmuration_cursor';
const KIND = 'murmuration_kind';
const REGION = 'murmuration_region';
const MISSED = 'murmuration_missed';

interface OwnFields {
  readonly [KIND]: string;
  readonly [CURSOR]: string;
  readonly [REGION]?: { readonly id: string } | null;
  readonly [MISSED]?: number | null;
}

/** Null when the operation is another subscription. */
export function feedOperation(query: string, variables: Variables): FeedOperation | null {
  const shape = readShape(query);
  const [field] = rootFields(shape, variables);
  if (field?.name.value !== 'alarmFeed') return null;
  const given = field.arguments?.find(argument => argument.name.value === 'after')?.value;
  const text = print(withOwnNames(shape, field));
  return {
    after: afterOf(given, variables),
    requestAfter: after => ({ query: text, variables: { ...usedIn(text, variables), [AFTER]: after } }),
    read: ({ data }) => {
      const event = (data as Record<string, OwnFields> | null | undefined)?.[responseName(field)];
      if (!event) return null;
      return {
        kind: event[KIND],
        cursor: event[CURSOR],
        region: event[REGION]?.id ?? null,
        missed: event[MISSED] ?? null,
      };
    },
  };
}

function afterOf(node: ValueNode | undefined, variables: Variables): string | null {
  const value = node ? valueFromASTUntyped(node, { ...variables }) : null;
  return typeof value === 'string' ? value : null;
}

function withOwnNames({ operation, fragments }: OperationShape, field: FieldNode): DocumentNode {
  const others = (field.arguments ?? []).filter(argument => argument.name.value !== 'after');
  const feed: FieldNode = {
    ...field,
    arguments: [
      ...others,
      { kind: Kind.ARGUMENT, name: nameNode('after'), value: { kind: Kind.VARIABLE, name: nameNode(AFTER) } },
    ],
    selectionSet: {
      kind: Kind.SELECTION_SET,
      selections: [...(field.selectionSet?.selections ?? []), ...OWN_FIELDS],
    },
  };
  const changed: OperationDefinitionNode = {
    ...operation,
    selectionSet: { kind: Kind.SELECTION_SET, selections: [feed] },
  };
  const used = variablesIn({ kind: Kind.DOCUMENT, definitions: [changed, ...fragments] });
  const kept = (operation.variableDefinitions ?? []).filter(definition => used.has(definition.variable.name.value));
  return {
    kind: Kind.DOCUMENT,
    definitions: [{ ...changed, variableDefinitions: [...kept, AFTER_DEFINITION] }, ...fragments],
  };
}

const nameNode = (value: string) => ({ kind: Kind.NAME, value }) as const;

const aliased = (alias: string, name: string, selections: readonly FieldNode[] = []): FieldNode => ({
  kind: Kind.FIELD,
  alias: nameNode(alias),
  name: nameNode(name),
  ...(selections.length > 0 ? { selectionSet: { kind: Kind.SELECTION_SET, selections } } : {}),
});

const OWN_FIELDS: readonly FieldNode[] = [
  aliased(KIND, 'kind'),
  aliased(CURSOR, 'cursor'),
  aliased(REGION, 'region', [{ kind: Kind.FIELD, name: nameNode('id') }]),
  aliased(MISSED, 'missed'),
];

const AFTER_DEFINITION: VariableDefinitionNode = {
  kind: Kind.VARIABLE_DEFINITION,
  variable: { kind: Kind.VARIABLE, name: nameNode(AFTER) },
  type: { kind: Kind.NAMED_TYPE, name: nameNode('Cursor') },
};

/** Variables in use; where one is defined is no use. */
function variablesIn(document: DocumentNode): Set<string> {
  const names = new Set<string>();
  visit(document, {
    VariableDefinition: () => false,
    Variable: ({ name }) => void names.add(name.value),
  });
  return names;
}

const usedIn = (text: string, variables: Variables): Record<string, unknown> =>
  Object.fromEntries(Object.entries(variables).filter(([name]) => new RegExp(`\\$${name}\\b`).test(text)));
