// Finds and reads the contract's files. Works from the sources and from dist/, which holds no .graphql files.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const EDGE_SUBGRAPHS = ['inventory', 'faults', 'software'] as const;
export const SUBGRAPHS = ['fleet', ...EDGE_SUBGRAPHS] as const;
export type EdgeSubgraph = (typeof EDGE_SUBGRAPHS)[number];
export type Subgraph = (typeof SUBGRAPHS)[number];

export const isEdgeSubgraph = (name: string): name is EdgeSubgraph =>
  (EDGE_SUBGRAPHS as readonly string[]).includes(name);

/** The folder that holds package.json. */
export const packageRoot: string = findPackageRoot(path.dirname(fileURLToPath(import.meta.url)));

function findPackageRoot(from: string): string {
  for (let dir = from; ; dir = path.dirname(dir)) {
    if (fs.existsSync(path.join(dir, 'package.json'))) return dir;
    if (dir === path.dirname(dir)) throw new Error(`no package.json above ${from}`);
  }
}

export const subgraphFile = (name: Subgraph): string => path.join(packageRoot, 'schema', `${name}.graphql`);
export const supergraphFile: string = path.join(packageRoot, 'schema', 'supergraph.graphql');
export const operationsFolder: string = path.join(packageRoot, 'schema', 'operations');

export const readSubgraph = (name: Subgraph): string => fs.readFileSync(subgraphFile(name), 'utf8');
export const readSupergraph = (): string => fs.readFileSync(supergraphFile, 'utf8');

/** How a region says which schema it runs: changes whenever the text does. */
export const hashOfSdl = (sdl: string): string => createHash('sha256').update(sdl).digest('hex').slice(0, 16);

/** The recorded operations by file name. */
export function readOperations(): Map<string, string> {
  const files = fs
    .readdirSync(operationsFolder)
    .filter(file => file.endsWith('.graphql'))
    .sort();
  return new Map(files.map(file => [file, fs.readFileSync(path.join(operationsFolder, file), 'utf8')]));
}
