// The data of an answer that is JSON text already. Whoever stringifies an answer takes the text as it is.

export interface WrittenData {
  readonly text: string;
  /** For those that know nothing of the text. */
  toJSON(): unknown;
}

const WRITTEN = Symbol('written');

export function writtenData(text: string): WrittenData {
  const data: WrittenData & { readonly [WRITTEN]: true } = {
    text,
    toJSON: () => JSON.parse(text) as unknown,
    [WRITTEN]: true,
  };
  return data;
}

export const isWritten = (data: unknown): data is WrittenData =>
  typeof data === 'object' && data !== null && WRITTEN in data;

export interface AnswerParts {
  readonly errors?: readonly unknown[] | undefined;
  readonly data?: unknown;
  readonly extensions?: unknown;
}

/** A whole answer as JSON text, errors first, as @apollo/server orders it. */
export function answerText({ errors, data, extensions }: AnswerParts): string {
  const parts: string[] = [];
  if (errors !== undefined) parts.push(`"errors":${JSON.stringify(errors)}`);
  if (data !== undefined) parts.push(`"data":${isWritten(data) ? data.text : JSON.stringify(data)}`);
  if (extensions !== undefined) parts.push(`"extensions":${JSON.stringify(extensions)}`);
  return `{${parts.join(',')}}`;
}
