// A GraphQL client that knows nothing of ours: what comes over HTTP is what the tests see.
import { expect } from 'vitest';

export interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: each test knows the shape that it asked for
  readonly data: any;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: unknown;
    readonly extensions: { code: string };
  }[];
}

export type Variables = Readonly<Record<string, unknown>>;

export async function post(url: string, query: string, variables: Variables = {}): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as Answer;
}

/** The data of an answer that must have no errors. */
// biome-ignore lint/suspicious/noExplicitAny: as above
export async function ask(url: string, query: string, variables?: Variables): Promise<any> {
  const { data, errors } = await post(url, query, variables);
  expect(errors).toBeUndefined();
  return data;
}

/** The code of the only error of an answer. */
export async function refusal(url: string, query: string, variables?: Variables): Promise<string | undefined> {
  const { errors } = await post(url, query, variables);
  expect(errors).toHaveLength(1);
  return errors?.[0]?.extensions.code;
}
