// A planned fetch made ready to be run many times: its request as static text around the variables, and a writer for the
// representations of each input.
import type { EntityInput, Fetch } from './fetch-plan.ts';
import { type FetchSelection, fetchSelection } from './fetch-selection.ts';
import { quote } from './json-text.ts';
import { type RepresentationWriter, representationWriter } from './representation.ts';

export interface CompiledInput {
  readonly input: EntityInput;
  readonly write: RepresentationWriter;
}

export interface CompiledFetch {
  readonly fetch: Fetch;
  /** Its place in the plan. */
  readonly index: number;
  readonly inputs: readonly CompiledInput[];
  /** The request up to the variables' values. */
  readonly head: string;
  readonly selection: FetchSelection;
}

export function compileFetch(fetch: Fetch, index: number): CompiledFetch {
  return {
    fetch,
    index,
    inputs: fetch.inputs.map(input => ({ input, write: representationWriter(input.requires, input.inputRewrites) })),
    head: `{"query":${quote(fetch.operation)},"variables":{`,
    selection: fetchSelection(fetch.operation),
  };
}

/** `"name":value` for each variable that was given, joined by commas. */
export function variablesText(names: readonly string[], variables: Readonly<Record<string, unknown>>): string {
  let text = '';
  for (const name of names) {
    if (!Object.hasOwn(variables, name)) continue;
    const value = JSON.stringify(variables[name]);
    if (value !== undefined) text += `${text === '' ? '' : ','}${quote(name)}:${value}`;
  }
  return text;
}
