// What the stock gateway answers, also when it is asked in the plainest way: @skip and @include lead it astray at times. Of
// an operation that it answers wrong when nothing fails, it has no say.
import { type ASTNode, type DirectiveNode, type DocumentNode, Kind, type SelectionSetNode, visit } from 'graphql';
import type { OracleEngine, Question } from './engines.ts';
import { type Answer, nothingFails } from './federation.ts';
import type { Monolith } from './monolith.ts';
import { sortedJson } from './random.ts';
import type { Scope } from './synthetic-data.ts';

/** None, one or two. `monolith` says what is right when nothing fails. */
export async function rightAnswers(
  oracle: OracleEngine,
  monolith: Monolith,
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
