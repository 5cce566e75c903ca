import { buildSchema, GraphQLError } from 'graphql';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { openApollo } from '../../../runtime/apollo.ts';
import { codedError } from '../../../schema/errors.ts';
import { databaseFault } from '../../../subgraphs/runtime/database-fault.ts';

/** The answer to `{ field }` whose resolver throws, and what was logged. */
async function answerTo(thrown: unknown, faultOf?: (error: Error) => GraphQLError | null) {
  const lines: string[] = [];
  const log = pino({ level: 'error' }, { write: line => lines.push(line) });
  const schema = buildSchema('type Query { field: Int }');
  schema.getQueryType()!.getFields()['field']!.resolve = () => {
    throw thrown;
  };
  const apollo = await openApollo(log, { schema }, faultOf);
  const { body } = await apollo.executeOperation({ query: '{ field }' });
  await apollo.stop();
  if (body.kind !== 'single') throw new Error('not a single answer');
  return { errors: body.singleResult.errors, logged: lines.map(line => JSON.parse(line)) };
}

describe('an error in a resolver', () => {
  it('that is a bug is masked outside and logged inside', async () => {
    const { errors, logged } = await answerTo(new TypeError('cannot read secret of undefined'));
    expect(errors).toEqual([
      {
        message: 'Internal error; the log has the details.',
        path: ['field'],
        locations: [{ line: 1, column: 3 }],
        extensions: { code: 'INTERNAL_SERVER_ERROR' },
      },
    ]);
    expect(logged).toMatchObject([
      { msg: 'resolver failed', path: ['field'], err: { message: 'cannot read secret of undefined' } },
    ]);
  });

  it('that is coded reaches the client as it is, and is no entry in the log', async () => {
    const { errors, logged } = await answerTo(codedError('CURSOR_INVALID', 'Not a cursor.', { region: 'paris-1' }));
    expect(errors).toMatchObject([
      { message: 'Not a cursor.', path: ['field'], extensions: { code: 'CURSOR_INVALID', region: 'paris-1' } },
    ]);
    expect(logged).toEqual([]);
  });

  it.each([
    [Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }), 'DATABASE_UNREACHABLE'],
    [Object.assign(new Error('the database system is starting up'), { code: '57P03' }), 'DATABASE_UNREACHABLE'],
    [new Error('Connection terminated unexpectedly'), 'DATABASE_UNREACHABLE'],
    [Object.assign(new Error('duplicate key'), { code: '23505' }), 'INTERNAL_SERVER_ERROR'],
  ])('of the database tells whether it is away: %s', async (thrown, code) => {
    const { errors, logged } = await answerTo(thrown, databaseFault);
    expect(errors).toMatchObject([{ path: ['field'], extensions: { code } }]);
    expect(JSON.stringify(errors)).not.toContain(thrown.message);
    expect(logged).toHaveLength(1);
  });

  it('never carries a stack trace', async () => {
    const { errors } = await answerTo(new GraphQLError('plain'));
    expect(JSON.stringify(errors)).not.toContain('stack');
  });
});
