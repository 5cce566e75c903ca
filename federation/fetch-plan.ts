// The engine's own plan of an operation: fetches, and which of them must be done before which. Every planner's output is
// turned into this; it is plain JSON, so that a part of it can travel to a region and run there.

/** One step into the answer: a field by its response name, into a list, or on only where `__typename` is one of these. */
export type PathSegment = { readonly field: string } | { readonly list: true } | { readonly types: readonly string[] };
export type Path = readonly PathSegment[];

/** What a representation is made of: a field copied from one name to another, or fields for some types only. */
export type Requirement =
  | { readonly from: string; readonly to: string; readonly fields?: readonly Requirement[] | undefined }
  | { readonly types: readonly string[]; readonly fields: readonly Requirement[] };

/** A change of data at a path, whose last segment names the field to set or to rename. */
export type Rewrite = { readonly path: Path; readonly set: string } | { readonly path: Path; readonly rename: string };

/** One `_entities` field of a fetch: where its objects are found, and what is sent of each. */
export interface EntityInput {
  /** Response name of the `_entities` field. */
  readonly alias: string;
  /** Variable that takes the representations. */
  readonly variable: string;
  readonly paths: readonly Path[];
  readonly requires: readonly Requirement[];
  readonly inputRewrites: readonly Rewrite[];
  readonly outputRewrites: readonly Rewrite[];
}

export interface Fetch {
  readonly subgraph: string;
  readonly kind: 'query' | 'mutation' | 'subscription';
  /** The text that the subgraph gets. */
  readonly operation: string;
  /** Variables of the client's operation that it uses. */
  readonly variables: readonly string[];
  /** Empty for a fetch of root fields. */
  readonly inputs: readonly EntityInput[];
  /** Where a fetch of root fields puts its data: the root, nearly always. */
  readonly path: Path;
  /** Rewrites of the data of a fetch of root fields. */
  readonly outputRewrites: readonly Rewrite[];
  /** Fetches that must be done before, by their place in the plan; always earlier places. */
  readonly after: readonly number[];
}

/** The fetches of an operation, every one after those that it needs. */
export interface FetchPlan {
  readonly fetches: readonly Fetch[];
  /** The stream that starts each execution of a subscription; its fetches then run for every event. */
  readonly subscription?: Fetch | undefined;
}
