// Finds recorded operations that the public schema no longer answers. Looks at validity only, not at their results.
import { GraphQLError, type GraphQLSchema, parse, Source, validate } from 'graphql';
import { describeError } from './composition.ts';

/** `operations` holds documents by file name; a document may hold several named operations. */
export function operationFindings(schema: GraphQLSchema, operations: ReadonlyMap<string, string>): string[] {
  return [...operations].flatMap(([file, text]) =>
    errorsIn(schema, new Source(text, `schema/operations/${file}`)).map(describeError),
  );
}

function errorsIn(schema: GraphQLSchema, source: Source): readonly GraphQLError[] {
  try {
    return validate(schema, parse(source));
  } catch (error) {
    if (error instanceof GraphQLError) return [error];
    throw error;
  }
}
