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

/** No answer: `error` stands in for it at every field that was asked for, but for what is `known` of it all the same. */
export class FetchFailure extends Error {
  readonly error: SubgraphError;
  /** Entities as an answer would have them, without the fields that are not known. */
  readonly known: SubgraphAnswer['data'];
  constructor(error: SubgraphError, known: SubgraphAnswer['data'] = null) {
    super(error.message);
    this.name = 'FetchFailure';
    this.error = error;
    this.known = known;
  }
}

/** An error at its place in the answer to the client. */
export interface PlacedError {
  readonly message: string;
  readonly path: readonly (string | number)[] | undefined;
  readonly extensions: Readonly<Record<string, unknown>>;
}
