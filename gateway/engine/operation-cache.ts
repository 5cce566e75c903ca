// The compiled operations: found by document while that is in use, and by text otherwise, so that documents that differ in
// white space or in operations that do not run share one. Bounded; a new operation is planned once, whoever asks.
import type { DocumentNode } from 'graphql';
import { documentOf, operationOf, textOf } from './client-operation.ts';
import type { CompiledOperation } from './compiled-operation.ts';
import { type LruCounts, lru } from './lru.ts';
import type { ClientOperation } from './selection.ts';

export interface OperationCache {
  get(document: DocumentNode, operationName: string | null | undefined): CompiledOperation | Promise<CompiledOperation>;
  counts(): LruCounts;
}

type Compile = (client: ClientOperation) => Promise<CompiledOperation>;

export function operationCache(most: number, compile: Compile): OperationCache {
  const byText = lru<Promise<CompiledOperation>>(most);
  const byDocument = new WeakMap<DocumentNode, Map<string, CompiledOperation>>();
  const find = async (document: DocumentNode, name: string | null | undefined): Promise<CompiledOperation> => {
    const client = operationOf(document, name);
    const text = textOf(documentOf(client.operation, client.fragments));
    let compiling = byText.get(text);
    if (!compiling) {
      compiling = compile(client);
      byText.set(text, compiling);
      compiling.catch(() => byText.delete(text)); // another time it may be planned
    }
    const compiled = await compiling;
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
