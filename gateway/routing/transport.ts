// The seam between whoever plans what to ask of a region and whatever carries it there. Types only, and the one error
// that a carrier throws; the carrier of this product is gateway/transport/.

export interface SubgraphRequest {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
}

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

/**
 * `unusable`: something answered, but not with what was asked; the rest of that region may be well.
 * `overloaded`: more wait for this origin than may. `circuit-open`: it failed too often and is not asked for now.
 */
export type FailureKind = 'unreachable' | 'timeout' | 'unusable' | 'overloaded' | 'circuit-open';

export class TransportFailure extends Error {
  readonly kind: FailureKind;
  /** Whether any of the request may have reached the other side: then a change may have been made. */
  readonly wasSent: boolean;
  constructor(kind: FailureKind, reason: string, wasSent = true) {
    super(reason);
    this.name = 'TransportFailure';
    this.kind = kind;
    this.wasSent = wasSent;
  }
}

export interface Send {
  readonly url: string;
  /** JSON text of a GraphQL request. */
  readonly body: string;
  /** For everything: waiting for a connection, connecting, and the last byte of the answer. */
  readonly deadlineMs: number;
  /** The request is given up, and the other side told, when it aborts; `send` then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /**
   * The body is a query, and an identical one that is under way may answer it too: same url, same body. Each caller gets
   * an answer of its own, which it may change. Never for mutations.
   */
  readonly share?: boolean | undefined;
  /** Of the answer's body; 64 MiB when left out. */
  readonly maxBytes?: number | undefined;
}

/** Waits for what a request brings. `failed` is called once, or `take`, or both when what came cannot be used. */
export interface Asker {
  /** What came back, whole. The bytes are there during the call only, and for others too. Throws TransportFailure `unusable`. */
  take(status: number, body: Buffer): void;
  /** With a TransportFailure or the reason of the request's signal. */
  failed(error: unknown): void;
}

export interface Transport {
  /** Throws TransportFailure. */
  send(request: Send): Promise<SubgraphAnswer>;
  /** For whoever reads the bytes himself. What is refused fails at once, before this returns. */
  ask(request: Send, asker: Asker): void;
  close(): Promise<void>;
}
