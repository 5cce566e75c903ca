// Plays the door of a region, of this release or another: checks every call against the SDL, keeps it, answers as told, and tells when calls come.
import http from 'node:http';
import { type GraphQLSchema, graphqlSync } from 'graphql';
import type { Operation, Service } from '../../../agent/operations.ts';
import { freePort } from '../../support/free-ports.ts';
import { problemsOfInput, problemsOfQuery, readSdl, schemaOfSdl } from '../../unit/agent/sdl-input.ts';

export interface Call {
  readonly service: Service;
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects
  readonly input: any;
  readonly headers: http.IncomingHttpHeaders;
}

/** The value of the mutation's field; HANG for no answer at all; an Error for a GraphQL error, whose cause is its code. */
export type Answer = object | typeof HANG | Error;
export const HANG = Symbol('hang');

export interface DoorServer {
  readonly calls: readonly Call[];
  readonly port: number;
  /** How often it was asked for its schema. */
  readonly looks: () => number;
  /** The region runs another release of a service from now on. */
  runs(service: Service, sdl: string): void;
  /** What the region answers from now on. */
  answer(name: string, give: (call: Call) => Answer): void;
  /** Resolves with the n-th call (from 1) that fits, also with one that came before. */
  call(name: string, n?: number, fits?: (call: Call) => boolean): Promise<Call>;
  close(): Promise<void>;
}

/** How doors call what is wrong with a document, and with its variables. */
const [OF_DOCUMENT, OF_INPUT] = ['GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT'];
const SCHEMAS = { inventory: readSdl('inventory'), faults: readSdl('faults'), software: readSdl('software') };

export async function openDoor(region: string, given?: number): Promise<DoorServer> {
  const calls: Call[] = [];
  const schemas: Record<Service, GraphQLSchema> = { ...SCHEMAS };
  let looks = 0;
  const watchers = new Set<() => void>();
  const answers = new Map<string, (call: Call) => Answer>([
    ['reportHost', ({ input }) => ({ host: { id: `${region}/${input.hostname}` }, userErrors: [] })],
    ['reportHeartbeats', () => ({ unknown: [] })],
    ['reportHostChecks', () => ({ unknown: [], userErrors: [] })],
    ['reportTask', () => ({ userErrors: [] })],
    ['reportUsage', () => ({ changes: 0, userErrors: [] })],
    ['raiseAlarm', () => ({ userErrors: [] })],
    ['reportEvent', () => ({ userErrors: [] })],
    ['clearAlarm', () => ({ userErrors: [] })],
    ['reportHostSoftware', () => ({ userErrors: [] })],
  ]);
  const server = http.createServer(async (req, res) => {
    const call = await readCall(region, req, schemas).catch((error: Error) => error);
    res.setHeader('content-type', 'application/json');
    if (typeof call === 'string') {
      looks++;
      return void res.end(call);
    }
    const answer = call instanceof Error ? call : answers.get(call.name)!(call);
    if (!(call instanceof Error)) calls.push(call);
    for (const watch of watchers) watch();
    if (answer === HANG) return;
    const name = call instanceof Error ? '' : call.name;
    res.end(
      JSON.stringify(
        answer instanceof Error
          ? { errors: [{ message: answer.message, extensions: { code: answer.cause ?? 'INTERNAL_SERVER_ERROR' } }] }
          : { data: { [name]: answer } },
      ),
    );
  });
  const port = given ?? (await freePort());
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve));
  return {
    calls,
    port,
    looks: () => looks,
    runs: (service, sdl) => {
      schemas[service] = schemaOfSdl(sdl);
    },
    answer: (name, give) => void answers.set(name, give),
    call: (name, n = 1, fits = () => true) =>
      new Promise(resolve => {
        const watch = () => {
          const found = calls.filter(call => call.name === name && fits(call))[n - 1];
          if (!found) return;
          watchers.delete(watch);
          resolve(found);
        };
        watchers.add(watch);
        watch();
      }),
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A look at the schema is answered at once. */
async function readCall(
  region: string,
  req: http.IncomingMessage,
  schemas: Readonly<Record<Service, GraphQLSchema>>,
): Promise<Call | Error | string> {
  const service = req.url?.match(new RegExp(`^/${region}/(inventory|faults|software)/graphql$`))?.[1] as
    | Service
    | undefined;
  if (!service || req.method !== 'POST') return new Error(`no such door: ${req.method} ${req.url}`);
  let text = '';
  for await (const chunk of req) text += chunk;
  const { query, variables } = JSON.parse(text);
  const schema = schemas[service];
  if (query.includes('__schema')) return JSON.stringify(graphqlSync({ schema, source: query }));
  const name = (query as Operation<unknown>['query']).match(/\{\s*(\w+)\(/)?.[1] ?? '';
  const inputType = `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
  const ofDocument = problemsOfQuery(schema, query);
  if (ofDocument.length > 0) return new Error(ofDocument.join('; '), { cause: OF_DOCUMENT });
  const ofInput = problemsOfInput(schema, inputType, variables.input);
  if (ofInput.length > 0) return new Error(ofInput.join('; '), { cause: OF_INPUT });
  return { service, name, input: variables.input, headers: req.headers };
}
