// `npm run bench -- <name>`: runs one of the measured comparisons. Each prints a table and, as its last line, one JSON object.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
const names = fs
  .readdirSync(folder)
  .filter(file => file.endsWith('.ts') && file !== 'run.ts' && !file.endsWith('-store.ts'))
  .map(file => file.replace(/\.ts$/, ''));
const [name, ...rest] = process.argv.slice(2);
if (name === undefined || !names.includes(name)) {
  console.error(`Name a bench: npm run bench -- ${names.join('|')}`);
  process.exit(1);
}
const { status } = spawnSync(process.execPath, ['--import', 'tsx', `${folder}${name}.ts`, ...rest], {
  stdio: 'inherit',
});
process.exit(status ?? 1);
