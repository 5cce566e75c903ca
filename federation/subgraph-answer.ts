// What a subgraph answers, and how it is told that it gave no answer.

/** An error as a subgraph sends it. */
export interface SubgraphError {
  readonly message: string;
  readonly path?: readonly (string | number)[] | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}

export interface SubgraphAnswer {
  readonly data?: Record<string, unknown> | null | undefined;
  readonly errors?: readonly SubgraphError[] | undefined;
}

/** No answer: `error` stands in for it at every field that was asked for. */
export class FetchFailure extends Error {
  readonly error: SubgraphError;
  constructor(error: SubgraphError) {
    super(error.message);
    this.name = 'FetchFailure';
    this.error = error;
  }
}

/** An error at its place in the answer to the client. */
export interface PlacedError {
  readonly message: string;
  readonly path: readonly (string | number)[] | undefined;
  readonly extensions: Readonly<Record<string, unknown>>;
}
