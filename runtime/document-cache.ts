// Documents that come again and again, as those of many clients of one program do: read and checked once, kept once.
import { type DocumentNode, type GraphQLError, type GraphQLSchema, parse, validate } from 'graphql';
import { lru } from './lru.ts';

export interface DocumentCache {
  /** Throws what graphql-js throws for what is no document. */
  parse(text: string): DocumentNode;
  validate(schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[];
}

const KEPT = 500; // documents
const MOST_CHARACTERS = 20_000; // of a document that is kept: together 10 MB of text and some times that of nodes

export function documentCache(): DocumentCache {
  const documents = lru<string, DocumentNode>(KEPT);
  const faults = new WeakMap<GraphQLSchema, WeakMap<DocumentNode, readonly GraphQLError[]>>();
  return {
    parse: text => {
      const known = documents.get(text);
      if (known) return known;
      const document = parse(text);
      if (text.length <= MOST_CHARACTERS) documents.set(text, document);
      return document;
    },
    validate: (schema, document) => {
      const known = faults.get(schema) ?? new WeakMap<DocumentNode, readonly GraphQLError[]>();
      faults.set(schema, known);
      const found = known.get(document) ?? validate(schema, document);
      known.set(document, found);
      return found;
    },
  };
}
