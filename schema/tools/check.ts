// `npm run schema:check [-- --since <git revision>]`: prints one report on the contract; exit 1 when it has findings.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { packageRoot } from '../sources.ts';
import { readContract } from './contract-files.ts';
import { readBaseline } from './git-baseline.ts';
import { checkContract, formatReport } from './schema-check.ts';

const USAGE = 'usage: npm run schema:check [-- --since <git revision>]   (default: HEAD, where there is one)';

function readFlags(): { since?: string | undefined } | null {
  try {
    return parseArgs({ options: { since: { type: 'string' } } }).values;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    return null;
  }
}

const flags = readFlags();
if (flags) {
  const baseline = readBaseline(packageRoot, flags.since);
  const report = await checkContract(readContract(path.join(packageRoot, 'schema')), baseline);
  console.log(formatReport(report));
  process.exitCode = report.sections.length > 0 ? 1 : 0;
} else {
  process.exitCode = 1;
}
