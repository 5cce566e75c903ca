// The compiled operations: found by document while that is in use, and by text otherwise, so that documents that differ in
// white space or in operations that do not run share one. Bounded.
import type { DocumentNode } from 'graphql';
import { documentOf, operationOf, textOf } from './client-operation.ts';
import type { CompiledOperation } from './compiled-operation.ts';
import { type LruCounts, lru } from './lru.ts';
import type { ClientOperation } from './selection.ts';

export interface OperationCache {
  /** Throws what `compile` throws. */
  get(document: DocumentNode, operationName: string | null | undefined): CompiledOperation;
  counts(): LruCounts;
}

export function operationCache(most: number, compile: (client: ClientOperation) => CompiledOperation): OperationCache {
  const byText = lru<CompiledOperation>(most);
  const byDocument = new WeakMap<DocumentNode, Map<string, CompiledOperation>>();
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
    get: (document, name) => byDocument.get(document)?.get(name ?? '') ?? find(document, name),
    counts: byText.counts,
  };
}
