// Keeps HOUSE.md's table of who may import whom true, and SQL, GraphQL and the environment where they belong.
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { EDGE_SUBGRAPHS, packageRoot } from '../../schema/sources.ts';
import { readSource, type SourceText } from './source-text.ts';

/** Paths are relative to the package, with `/`. A path ending in `/` stands for everything in that folder. */
interface ImportRule {
  readonly of: RegExp;
  readonly may: readonly RegExp[];
  readonly says: string;
}

const SHARED = /^(schema|runtime)\//;
const SUBGRAPH_RUNTIME = /^subgraphs\/runtime\//;
/** How the fetches of a plan are run: the same in the centre and behind a region's edge door. */
const FEDERATION = /^federation\//;
/** Data of the product, the same everywhere. */
const CATALOGUE = /^subgraphs\/catalogue\//;
/** What the edge subgraphs share and none of them owns. */
const EDGE_SHARED = /^subgraphs\/edge\/[^/]+\.ts$/;

/** The first rule whose `of` fits a file decides; a file that fits none may import what it likes. */
const IMPORT_RULES: readonly ImportRule[] = [
  { of: /^schema\//, may: [/^schema\//], says: 'schema/ imports nothing of ours but schema/' },
  { of: FEDERATION, may: [FEDERATION], says: 'federation/ imports nothing of ours but itself' },
  { of: /^runtime\//, may: [SHARED], says: 'runtime/ imports only schema/ and runtime/' },
  {
    of: /^migrations\//,
    may: [/^migrations\//],
    says: 'migrations/ imports nothing of ours: history must not change when code does',
  },
  {
    of: SUBGRAPH_RUNTIME,
    may: [SHARED, SUBGRAPH_RUNTIME],
    says: 'subgraphs/runtime/ imports only schema/, runtime/ and itself',
  },
  {
    of: CATALOGUE,
    may: [/^schema\//, CATALOGUE],
    says: 'subgraphs/catalogue/ imports only schema/: everyone in subgraphs/ may import it',
  },
  ...EDGE_SUBGRAPHS.map(name => ({
    of: new RegExp(`^subgraphs/edge/${name}/`),
    may: [
      SHARED,
      SUBGRAPH_RUNTIME,
      CATALOGUE,
      EDGE_SHARED,
      new RegExp(`^subgraphs/edge/${name}/`),
      new RegExp(`^migrations/${name}/`),
    ],
    says: `subgraphs/edge/${name}/ imports no other subgraph`,
  })),
  {
    of: /^subgraphs\/edge\//,
    may: [SHARED, FEDERATION, SUBGRAPH_RUNTIME, CATALOGUE, EDGE_SHARED, /^subgraphs\/edge\/[^/]+\/main\.ts$/],
    says: 'subgraphs/edge/*.ts reaches into an edge subgraph by its main.ts only, and never into the centre',
  },
  {
    of: /^subgraphs\/central\//,
    may: [SHARED, SUBGRAPH_RUNTIME, CATALOGUE, /^subgraphs\/central\//, /^migrations\/fleet\//],
    says: 'subgraphs/central/ imports no edge subgraph',
  },
  {
    of: /^gateway\//,
    may: [SHARED, FEDERATION, /^gateway\//],
    says: 'gateway/ imports only schema/, runtime/, federation/ and itself',
  },
  { of: /^agent\//, may: [SHARED, /^agent\//], says: 'agent/ imports only schema/, runtime/ and itself' },
  { of: /^dashboard\//, may: [/^(schema|dashboard)\//], says: 'dashboard/ uses only the public API' },
  {
    of: /^launcher\//,
    may: [SHARED, SUBGRAPH_RUNTIME, /^(launcher|migrations)\//, /(^|\/)main\.ts$/],
    says: 'launcher/ reaches into a part by its main.ts only',
  },
];

const MAIN_IMPORTERS = /^(cli|launcher)\/|^subgraphs\/edge\/main\.ts$/;
const ENVIRONMENT_READERS = /^(runtime\/config\.ts$|launcher\/|scripts\/)/;
const READS_ENVIRONMENT = /\bprocess\s*\.\s*env\b|\bprocess\s*\[\s*''\s*\]/;
const IMPORTS_ENV = /\bimport\s*\{[^}]*\benv\b[^}]*\}\s*from\s*''/;

const SQL_HOLDERS = /-store\.ts$|^(subgraphs\/runtime|migrations|launcher)\//;
/** Files that hold SQL by a decision of their own, each with its reason. */
const SQL_EXCEPTIONS: ReadonlyMap<string, string> = new Map([]);
const SQL =
  /\bselect\b[\s\S]*\bfrom\s+["\w(]|\binsert\s+into\s+["\w]+|\bupdate\s+["\w.]+(\s+(as\s+)?\w+)?\s+set\s|\bdelete\s+from\s+["\w]+/i;

const MOST_LINES = 400;

/** Everything wrong with one file, as `file: rule`. */
function violationsIn(file: string, text: string): string[] {
  const source = readSource(text);
  const rules = [
    ...importViolations(file, source),
    ...environmentViolations(file, source),
    ...sqlViolations(file, source),
    ...sizeViolations(text),
  ];
  return rules.map(rule => `${file}: ${rule}`);
}

function importViolations(file: string, source: SourceText): string[] {
  const rule = IMPORT_RULES.find(candidate => candidate.of.test(file));
  const targets = source.imports
    .filter(specifier => specifier.startsWith('.'))
    .map(specifier => path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier)));
  return targets.flatMap(target => [
    ...(rule && !rule.may.some(allowed => allowed.test(target)) ? [`${rule.says} (imports ${target})`] : []),
    ...(/(^|\/)main\.ts$/.test(target) && !MAIN_IMPORTERS.test(file) ? [`nothing imports a main.ts (${target})`] : []),
  ]);
}

function environmentViolations(file: string, source: SourceText): string[] {
  const importsEnv = source.imports.some(name => /^(node:)?process$/.test(name)) && IMPORTS_ENV.test(source.code);
  if (ENVIRONMENT_READERS.test(file) || !(importsEnv || READS_ENVIRONMENT.test(source.code))) return [];
  return ['process.env is read in runtime/config.ts, launcher/ and scripts/ only'];
}

function sqlViolations(file: string, source: SourceText): string[] {
  const statement = source.literals.find(literal => SQL.test(literal));
  if (statement === undefined || SQL_HOLDERS.test(file) || SQL_EXCEPTIONS.has(file)) return [];
  const rule = /resolvers\.ts$/.test(file) ? 'resolvers hold no SQL' : 'SQL lives in *-store.ts only';
  return [`${rule} (${statement.trim().replace(/\s+/g, ' ').slice(0, 60)})`];
}

function sizeViolations(text: string): string[] {
  const lines = text.trimEnd().split('\n').length;
  return lines > MOST_LINES ? [`has ${lines} lines, more than ${MOST_LINES}: it hides a second concept`] : [];
}

const SKIPPED_FOLDERS = new Set(['dist', 'test']);

function sourceFiles(folder = ''): string[] {
  return fs.readdirSync(path.join(packageRoot, folder), { withFileTypes: true }).flatMap(entry => {
    const at = folder === '' ? entry.name : `${folder}/${entry.name}`;
    const isSkipped = entry.name.startsWith('.') || entry.name === 'node_modules' || SKIPPED_FOLDERS.has(at);
    if (entry.isDirectory()) return isSkipped ? [] : sourceFiles(at);
    return entry.name.endsWith('.ts') ? [at] : [];
  });
}

test('the source keeps to the architecture', () => {
  const files = sourceFiles();
  expect(files).toContain('schema/sources.ts');
  expect(files.flatMap(file => violationsIn(file, fs.readFileSync(path.join(packageRoot, file), 'utf8')))).toEqual([]);
});

test('files that are excused from a rule still exist', () => {
  expect([...SQL_EXCEPTIONS.keys()].filter(file => !fs.existsSync(path.join(packageRoot, file)))).toEqual([]);
});

describe('the rules notice', () => {
  const from = (specifier: string): string => `import { x } from '${specifier}';\n`;
  test.each<[string, string, RegExp]>([
    ['schema/errors.ts', from('../runtime/log.ts'), /schema\/ imports nothing/],
    ['runtime/log.ts', `export * from '../gateway/door.ts';`, /runtime\/ imports only/],
    ['migrations/fleet/0002-x.ts', from('../../schema/identity.ts'), /history/],
    ['subgraphs/runtime/outbox.ts', from('../../migrations/faults/index.ts'), /subgraphs\/runtime/],
    ['subgraphs/catalogue/catalogue.ts', from('../runtime/connection.ts'), /subgraphs\/catalogue\/ imports only/],
    ['subgraphs/edge/faults/main.ts', from('../inventory/hosts/host.ts'), /imports no other subgraph/],
    ['subgraphs/edge/faults/main.ts', from('../../central/fleet/mirror.ts'), /imports no other subgraph/],
    ['subgraphs/edge/faults/main.ts', from('../../../migrations/inventory/index.ts'), /imports no other subgraph/],
    ['subgraphs/edge/main.ts', from('./faults/alarms/alarm.ts'), /by its main\.ts only/],
    ['subgraphs/central/fleet/main.ts', from('../../edge/faults/alarms/alarm.ts'), /imports no edge/],
    ['gateway/main.ts', from('../subgraphs/runtime/sql.ts'), /gateway\/ imports only/],
    ['gateway/routing/route.ts', `const x = await import('../../agent/loop.ts');`, /gateway\/ imports only/],
    ['agent/loop.ts', `import '../gateway/door.ts';`, /agent\/ imports only/],
    ['agent/loop.ts', `import {\n  a,\n  type B,\n} from '../launcher/ports.ts';`, /agent\/ imports only/],
    ['launcher/up.ts', from('../gateway/routing/route.ts'), /by its main\.ts only/],
    ['subgraphs/central/fleet/regions/region.ts', from('../main.ts'), /nothing imports a main\.ts/],
    ['bench/run.ts', from('../gateway/main.ts'), /nothing imports a main\.ts/],
    ['gateway/door.ts', 'const port = process.env.PORT;', /process\.env/],
    ['gateway/door.ts', `const port = process.env['PORT'];`, /process\.env/],
    ['gateway/door.ts', `import { env } from 'node:process';`, /process\.env/],
    ['subgraphs/edge/faults/alarms/alarm-service.ts', 'q(`select a,\n  b\nfrom alarms where c`)', /\*-store\.ts only/],
    ['subgraphs/edge/faults/alarms/alarm-resolvers.ts', `q('update alarms set a = 1')`, /resolvers hold no SQL/],
    ['subgraphs/central/fleet/feed.ts', `q("INSERT INTO events (a) values ($1)")`, /\*-store\.ts only/],
    ['subgraphs/central/fleet/feed.ts', `q(\`delete from \${table} where id = 1\`)`, /\*-store\.ts only/],
    ['cli/murmur.ts', 'x;\n'.repeat(401), /has 401 lines/],
  ])('%s: %s', (file, text, rule) => {
    expect(violationsIn(file, text)).toEqual([expect.stringMatching(rule)]);
  });

  test.each<[string, string]>([
    ['cli/murmur.ts', `#!/usr/bin/env node\n${from('node:process')}`],
    ['subgraphs/edge/main.ts', from('./faults/main.ts') + from('./own-region.ts')],
    ['subgraphs/edge/faults/main.ts', from('../../../migrations/faults/index.ts') + from('../own-region.ts')],
    ['subgraphs/edge/faults/main.ts', from('../../catalogue/catalogue.ts')],
    ['subgraphs/central/fleet/main.ts', from('../../catalogue/catalogue.ts')],
    ['launcher/up.ts', from('../gateway/main.ts')],
    ['gateway/door.ts', '// process.env is read elsewhere\nconst text = "import x from \'../agent/loop.ts\'";'],
    ['gateway/door.ts', "const message = 'select a region in the list, update it, then set its name';"],
    ['subgraphs/edge/faults/alarms/alarm-store.ts', 'q(`select 1 from alarms`)'],
    ['gateway/door.ts', "const quote = /['\"`/]/; // from '../agent/loop.ts'\nconst half = 4 / 2;"],
  ])('nothing in %s: %s', (file, text) => {
    expect(violationsIn(file, text)).toEqual([]);
  });
});
