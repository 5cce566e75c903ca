// The compiled operations: found by document while that is in use, and by text otherwise, so that documents that differ in
// white space or in operations that do not run share one. Bounded.
import type { DocumentNode } from 'graphql';
import { type LruCounts, lru } from '../../runtime/lru.ts';
import { documentOf, operationOf, textOf } from './client-operation.ts';
import type { CompiledOperation } from './compiled-operation.ts';
import type { ClientOperation } from './selection.ts';

export interface OperationCache {
  /** Throws what `compile` throws. */
  get(document: DocumentNode, operationName: string | null | undefined): CompiledOperation;
  counts(): LruCounts;
}

export function operationCache(most: number, compile: (client: ClientOperation) => CompiledOperation): OperationCache {
  const byText = lru<string, CompiledOperation>(most);
  const byDocument = new WeakMap<DocumentNode, Map<string, CompiledOperation>>();
  let hitsByDocument = 0;
  const find = (document: DocumentNode, name: string | null | undefined): CompiledOperation => {
    const client = operationOf(document, name);
    const text = textOf(documentOf(client.operation, client.fragments));
    let compiled = byText.get(text);
    if (!compiled) {
      compiled = compile(client);
      byText.set(text, compiled);
    }
    const known = byDocument.get(document);
    if (known) known.set(name ?? '', compiled);
    else byDocument.set(document, new Map([[name ?? '', compiled]]));
    return compiled;
  };
  return {
    get: (document, name) => {
      const known = byDocument.get(document)?.get(name ?? '');
      if (!known) return find(document, name);
      hitsByDocument++;
      return known;
    },
    counts: () => {
      const { size, hits, misses } = byText.counts();
      return { size, hits: hits + hitsByDocument, misses };
    },
  };
}
