// What the stock gateway answers, also when it is asked in the plainest way: @skip and @include lead it astray at times. Of
// an operation that it answers wrong when nothing fails, it has no say; and a failure
// that only one side's plan met decides nothing.
import { type ASTNode, type DirectiveNode, type DocumentNode, Kind, type SelectionSetNode, visit } from 'graphql';
import type { OracleEngine, Question } from './engines.ts';
import { type Answer, isEntityPlace, nothingFails } from './federation.ts';
import { type Monolith, specified } from './monolith.ts';
import { sortedJson } from './random.ts';
import { departures, leastDifference } from './same-answer.ts';
import type { Scope } from './synthetic-data.ts';

export interface Judges {
  readonly oracle: OracleEngine;
  readonly monolith: Monolith;
}

/**
 * What is wrong with an engine's answer where entities may fail; null when nobody can say. Some failures decide nothing: where
 * the answers differ and there are such, both are asked again without them.
 * - Of an entity that only one side asked for. Which are asked for is the plan's choice: alarms of an alarm's host may be
 *   asked of the alarm or of the host.
 * - Of a field that only the oracle asked for, and not the client: it loses a `@skip(if: true)` at times.
 */
export async function flawsByOracle(
  engine: OracleEngine,
  judges: Judges,
  question: Question,
  scope: () => Scope,
): Promise<string[] | null> {
  const spared = new Set<string>();
  const failing = (met: Set<string>): Scope => {
    const left = limited(scope(), place => !spared.has(place));
    return noting(met, left);
  };
  for (;;) {
    const [ours, theirs, asked] = [new Set<string>(), new Set<string>(), new Set<string>()];
    const right = await rightAnswers(judges, question, () => failing(theirs));
    if (right.length === 0) return null;
    const given = await engine.answer(question, failing(ours));
    const failures = await judges.monolith.failures(question, failing(asked));
    const flaws = leastDifference(question, given, right, failures);
    const undecided = [
      ...[...ours].filter(place => isEntityPlace(place) && !theirs.has(place)),
      ...[...theirs].filter(place => !ours.has(place) && !asked.has(place)), // one graph asks for no entity
    ];
    if (flaws.length === 0 || undecided.length === 0) return flaws;
    for (const place of undecided) spared.add(place);
  }
}

/** What is wrong with an engine's answer by the specification when only such fields fail as the client asks for. */
export async function flawsOfAsked(
  engine: OracleEngine,
  monolith: Monolith,
  question: Question,
  scope: () => Scope,
): Promise<string[]> {
  const asked = new Set<string>();
  await monolith.failures(question, noting(asked, scope()));
  const failing = (): Scope => limited(scope(), place => asked.has(place));
  return departures(await engine.answer(question, failing()), await specified(monolith, question, failing));
}

const limited = ({ faultAt, mutations }: Scope, mayFail: (place: string) => boolean): Scope => ({
  mutations,
  faultAt: place => (mayFail(place) ? faultAt(place) : null),
});

const noting = (failed: Set<string>, { faultAt, mutations }: Scope): Scope => ({
  mutations,
  faultAt: place => {
    const fault = faultAt(place);
    if (fault) failed.add(place);
    return fault;
  },
});

/** None, one or two. `monolith` says what is right when nothing fails. */
export async function rightAnswers(
  { oracle, monolith }: Judges,
  question: Question,
  scope: () => Scope,
): Promise<Answer[]> {
  const well = sortedJson((await monolith.answer(question, nothingFails())).data);
  const answers: Answer[] = [];
  for (const asked of [question, withoutConditions(question)])
    if (asked && sortedJson((await oracle.answer(asked, nothingFails())).data) === well)
      answers.push(await oracle.answer(asked, scope()));
  return answers;
}

/** The operation for its variables' values; null when it has no condition, or when nothing would be left of some field. */
function withoutConditions({ document, variables }: Question): Question | null {
  const defaults = new Map<string, unknown>();
  visit(document, {
    VariableDefinition: ({ variable, defaultValue }) =>
      void (defaultValue?.kind === Kind.BOOLEAN && defaults.set(variable.name.value, defaultValue.value)),
  });
  const holds = ({ arguments: given }: DirectiveNode): boolean => {
    const value = given![0]!.value;
    if (value.kind === Kind.BOOLEAN) return value.value;
    if (value.kind !== Kind.VARIABLE) throw new Error('a condition is a constant or a variable');
    return (variables[value.name.value] ?? defaults.get(value.name.value)) === true;
  };
  let had = false;
  const plainNode = <T extends ASTNode & { readonly directives?: readonly DirectiveNode[] | undefined }>(node: T) => {
    if (!node.directives?.length) return undefined;
    had = true;
    const isKept = node.directives.every(directive => holds(directive) === (directive.name.value === 'include'));
    return isKept ? { ...node, directives: [] } : null;
  };
  const plain: DocumentNode = visit(document, {
    Field: plainNode,
    FragmentSpread: plainNode,
    InlineFragment: plainNode,
  });
  let empty = 0;
  visit(plain, {
    SelectionSet: ({ selections }: SelectionSetNode) => {
      if (selections.length === 0) empty++;
    },
  });
  if (!had || empty > 0) return null;
  return { document: withoutUnused(plain), variables };
}

/** Without the variables and fragments that only what is gone had used: the gateway validates nothing, but plans them. */
function withoutUnused(document: DocumentNode): DocumentNode {
  const used = new Set<string>();
  visit(document, {
    VariableDefinition: () => false,
    Variable: ({ name }) => void used.add(name.value),
    FragmentSpread: ({ name }) => void used.add(`...${name.value}`),
  });
  return visit(document, {
    VariableDefinition: ({ variable }) => (used.has(variable.name.value) ? undefined : null),
    FragmentDefinition: ({ name }) => (used.has(`...${name.value}`) ? undefined : null),
  });
}
