// `npm run bench -- <name>`: runs one of the measured comparisons. Each prints a table and, as its last line, one JSON object.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
/** Those that are one script asked for several things. */
const GATEWAYS = ['classic', 'fanout-10', 'fanout-50', 'fanout-200', 'fanout-1000', 'wan'];
const scripts = new Map<string, readonly [string, ...string[]]>([
  ...GATEWAYS.map(name => [name, ['gateways/bench.ts', name]] as const),
  ...fs
    .readdirSync(folder)
    .filter(file => file.endsWith('.ts') && file !== 'run.ts' && !file.endsWith('-store.ts'))
    .map(file => [file.replace(/\.ts$/, ''), [file]] as const),
]);
const [name = '', ...rest] = process.argv.slice(2);
const script = scripts.get(name);
if (!script) {
  console.error(`Name a bench: npm run bench -- ${[...scripts.keys()].join('|')}`);
  process.exit(1);
}
const [file, ...args] = script;
const { status } = spawnSync(process.execPath, ['--import', 'tsx', `${folder}${file}`, ...args, ...rest], {
  stdio: 'inherit',
});
process.exit(status ?? 1);
