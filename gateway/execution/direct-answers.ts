// Answers past @apollo/server what it has let through before: the same text was parsed and validated for the same schema,
// and the same header was told its content type. Everything else goes to it, and so does what is refused: its word on
// faults of a request is the only one. Why: docs/decisions/0026-answers-past-apollo-server.md.
import type { ApolloServerPlugin } from '@apollo/server';
import { type DocumentNode, type GraphQLError, type GraphQLSchema, getOperationAST, OperationTypeNode } from 'graphql';
import type { Shortcut } from '../../runtime/graphql-route.ts';
import { lru } from '../../runtime/lru.ts';
import { answerPieces, bytesOf } from '../engine/written-data.ts';
import type { RequestScope } from '../routing/subgraph-router.ts';
import type { DirectRequest, ExecutionEngine } from './engine.ts';

export interface DirectAnswers extends Shortcut<RequestScope> {
  /** Learns what @apollo/server let through. */
  readonly plugin: ApolloServerPlugin<RequestScope>;
  /** Requests answered so far. */
  count(): number;
}

export type DirectEngine = Pick<ExecutionEngine, 'apiSchema' | 'execute'>;

interface ValidDocument {
  readonly document: DocumentNode;
  readonly schema: GraphQLSchema;
}

const DOCUMENTS = 2_000; // as many as operations are kept
const LONGEST_DOCUMENT = 64 * 1024; // characters; longer ones are not worth their memory
const ACCEPT_HEADERS = 100;
const LONGEST_HEADER = 500; // characters

export function directAnswers(engine: DirectEngine): DirectAnswers {
  const documents = lru<string, ValidDocument>(DOCUMENTS);
  const contentTypes = lru<string, string>(ACCEPT_HEADERS);
  let count = 0;

  const requestOf = (body: unknown): DirectRequest | null => {
    const given = readBody(body);
    const known = given && documents.get(given.query);
    if (!known || known.schema !== engine.apiSchema) return null;
    const { document } = known;
    const operation = getOperationAST(document, given.operationName);
    if (!operation || operation.operation === OperationTypeNode.SUBSCRIPTION) return null;
    return { document, operationName: given.operationName, variables: given.variables };
  };

  return {
    plugin: {
      requestDidStart: async () => ({
        willSendResponse: async ({ document, source, schema, response: { body } }) => {
          if (!document || !source || source.length > LONGEST_DOCUMENT) return;
          if (body.kind === 'single' && body.singleResult.data !== undefined)
            documents.set(source, { document, schema });
        },
      }),
    },
    count: () => count,
    answered: (accept = '', contentType) => {
      if (accept.length <= LONGEST_HEADER) contentTypes.set(accept, contentType);
    },
    answer: async ({ body, accept = '' }, context) => {
      const contentType = contentTypes.get(accept);
      const request = contentType === undefined || !engine.execute ? null : requestOf(body);
      if (!request) return null;
      const answer = await engine.execute!(request, await context());
      if (!answer) return null;
      count++;
      const pieces = answerPieces({ ...answer, errors: answer.errors?.map(formatted) }, '\n');
      return {
        contentType: contentType!,
        body: typeof pieces[0] === 'string' && pieces.length === 1 ? pieces[0] : bytesOf(pieces),
      };
    },
  };
}

interface GivenRequest {
  readonly query: string;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>> | undefined;
}

/** Null for what is odd in any way: @apollo/server knows what to say. */
function readBody(body: unknown): GivenRequest | null {
  if (!isRecord(body)) return null;
  const { query, operationName, variables, extensions } = body;
  if (typeof query !== 'string' || (extensions !== undefined && extensions !== null)) return null;
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string') return null;
  if (variables !== undefined && variables !== null && !isRecord(variables)) return null;
  return { query, operationName: operationName ?? undefined, variables: variables ?? undefined };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** As @apollo/server formats errors: always with a code, and without what is meant for HTTP. */
function formatted(error: GraphQLError): unknown {
  const { http: _, ...extensions } = error.extensions;
  return { ...error.toJSON(), extensions: { ...extensions, code: extensions['code'] ?? 'INTERNAL_SERVER_ERROR' } };
}
