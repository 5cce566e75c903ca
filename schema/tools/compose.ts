// `npm run schema`: composes the subgraphs and writes schema/supergraph.graphql. Writes nothing when they do not compose.
import fs from 'node:fs';
import path from 'node:path';
import { packageRoot, supergraphFile } from '../sources.ts';
import { composeSubgraphs } from './composition.ts';
import { readContract } from './contract-files.ts';

const { subgraphs } = readContract(path.join(packageRoot, 'schema'));
const composition = composeSubgraphs(subgraphs);
if (composition.ok) {
  fs.writeFileSync(supergraphFile, composition.supergraphSdl);
  console.log(`schema/supergraph.graphql composed from ${[...subgraphs.keys()].join(', ')}`);
} else {
  console.error('The subgraphs do not compose; schema/supergraph.graphql is left as it was:');
  for (const problem of composition.problems) console.error(`  - ${problem.replaceAll('\n', '\n    ')}`);
  process.exitCode = 1;
}
