// Finds what a change of the public API would break for a client that was written against the old one.
import { type Change, CriticalityLevel, diff } from '@graphql-inspector/core';
import {
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLSchema,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';
import { subgraphPath } from './contract-files.ts';
import { changedSubgraphs } from './coordinates.ts';

/** A public API and the subgraph texts it was composed from. */
export interface Edition {
  readonly schema: GraphQLSchema;
  readonly subgraphs: ReadonlyMap<string, string>;
}

interface Breakage {
  readonly text: string;
  readonly type: string;
  /** `Host`, `Host.cpu` or `Query.alarms.first`. */
  readonly coordinate: string;
}

export async function breakingFindings(before: Edition, after: Edition): Promise<string[]> {
  const changes = await diff(before.schema, after.schema);
  const breaking = changes.filter(change => change.criticality.level === CriticalityLevel.Breaking).map(toBreakage);
  const changedAt = changedSubgraphs(before.subgraphs, after.subgraphs);
  return [...breaking, ...newlyRequired(before.schema, after.schema)].map(breakage => {
    const files = changedAt(breakage.coordinate).map(subgraphPath);
    return `${files.length === 0 ? 'schema' : files.join(', ')}: ${breakage.text} (${breakage.type})`;
  });
}

const REMOVED: Readonly<Record<string, string>> = {
  FIELD_REMOVED: 'Field',
  INPUT_FIELD_REMOVED: 'Input field',
  ENUM_VALUE_REMOVED: 'Enum value',
};

function toBreakage(change: Change): Breakage {
  const coordinate = change.path ?? '';
  const what = REMOVED[change.type];
  return { text: what ? `${what} '${coordinate}' was removed` : change.message, type: change.type, coordinate };
}

/** The inspector calls a lost default merely dangerous, but who left `first: Int! = 50` out is refused from then on. */
function newlyRequired(before: GraphQLSchema, after: GraphQLSchema): Breakage[] {
  const old = inputsOf(before);
  return [...inputsOf(after)]
    .filter(([coordinate, input]) => input.required && old.get(coordinate)?.type === input.type)
    .filter(([coordinate]) => old.get(coordinate)?.required === false)
    .map(([coordinate]) => ({
      text: `'${coordinate}' lost its default and is required now`,
      type: 'DEFAULT_REMOVED',
      coordinate,
    }));
}

/** Every argument and input field by coordinate. */
function inputsOf(schema: GraphQLSchema): Map<string, { type: string; required: boolean }> {
  const found = new Map<string, { type: string; required: boolean }>();
  const addArgument = (at: string, arg: GraphQLArgument) =>
    found.set(`${at}.${arg.name}`, { type: String(arg.type), required: isRequiredArgument(arg) });
  const addInput = (at: string, field: GraphQLInputField) =>
    found.set(`${at}.${field.name}`, { type: String(field.type), required: isRequiredInputField(field) });
  for (const type of Object.values(schema.getTypeMap())) {
    if (isInputObjectType(type)) for (const field of Object.values(type.getFields())) addInput(type.name, field);
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields()))
      for (const arg of field.args) addArgument(`${type.name}.${field.name}`, arg);
  }
  return found;
}
