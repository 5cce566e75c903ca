// Reads the contract (subgraph SDL, composed supergraph, recorded operations) from a folder. Judges nothing.
import fs from 'node:fs';
import path from 'node:path';
import { SUBGRAPHS } from '../sources.ts';

/** Texts as they stand in the folder; names are without folder and, for subgraphs, without suffix. */
export interface Contract {
  readonly subgraphs: ReadonlyMap<string, string>;
  /** Null when it was never composed. */
  readonly supergraph: string | null;
  readonly operations: ReadonlyMap<string, string>;
}

export const SUPERGRAPH_FILE = 'supergraph.graphql';

/** How reports name a subgraph's file: relative to the package, whatever folder it was read from. */
export const subgraphPath = (name: string): string => `schema/${name}.graphql`;

export function readContract(schemaFolder: string): Contract {
  return {
    subgraphs: new Map(SUBGRAPHS.map(name => [name, readText(schemaFolder, `${name}.graphql`) ?? ''])),
    supergraph: readText(schemaFolder, SUPERGRAPH_FILE),
    operations: readOperations(path.join(schemaFolder, 'operations')),
  };
}

function readOperations(folder: string): Map<string, string> {
  if (!fs.existsSync(folder)) return new Map();
  const files = fs.readdirSync(folder).filter(file => file.endsWith('.graphql'));
  return new Map(files.sort().map(file => [file, fs.readFileSync(path.join(folder, file), 'utf8')]));
}

function readText(folder: string, file: string): string | null {
  const full = path.join(folder, file);
  return fs.existsSync(full) ? fs.readFileSync(full, 'utf8') : null;
}
