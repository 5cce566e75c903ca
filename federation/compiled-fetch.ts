// A planned fetch made ready to be run many times: its request as static text around the variables, and a writer for the
// representations of each input.
import type { EntityInput, Fetch } from './fetch-plan.ts';
import { type FetchSelection, fetchSelection } from './fetch-selection.ts';
import { quote } from './json-text.ts';
import { type RepresentationWriter, representationWriter } from './representation.ts';
import type { Target } from './targets.ts';

/** Looks closely at one entity of an answer. Each says what is wrong, or null. */
export interface EntityCheck {
  /** `hasErrors`: the answer tells of what it leaves out. */
  identityFlaw(entity: Target, target: Target, hasErrors: boolean): string | null;
  shapeFlaw(entity: Target): string | null;
}

/** How the answers to a fetch are looked at, where whoever answers is not believed unseen. */
export interface AnswerCheck {
  /** What is asked in place of the planned text: it may ask for what the check compares. */
  readonly operation: string;
  /** By the alias of the input. */
  entity(alias: string): EntityCheck;
  /** Of an object that an edge door sends back, with what it knows of it. */
  readonly sentBackFlaw: EntityCheck['identityFlaw'];
  rootFlaw(data: Target, names: readonly string[]): string | null;
}

export interface CompiledInput {
  readonly input: EntityInput;
  readonly write: RepresentationWriter;
  readonly check?: EntityCheck | undefined;
}

export interface CompiledFetch {
  readonly fetch: Fetch;
  /** Its place in the plan. */
  readonly index: number;
  readonly inputs: readonly CompiledInput[];
  /** The request up to the variables' values. */
  readonly head: string;
  readonly selection: FetchSelection;
  readonly check?: AnswerCheck | undefined;
}

export function compileFetch(fetch: Fetch, index: number, check?: AnswerCheck): CompiledFetch {
  return {
    fetch,
    index,
    inputs: fetch.inputs.map(input => ({
      input,
      write: representationWriter(input.requires, input.inputRewrites),
      check: check?.entity(input.alias),
    })),
    head: `{"query":${quote(check?.operation ?? fetch.operation)},"variables":{`,
    selection: fetchSelection(fetch.operation),
    check,
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
