// Breaks a copy of the contract in each way that `npm run schema:check` promises to notice. The repository stays as it is.
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { packageRoot, type Subgraph } from '../../schema/sources.ts';
import { composeSubgraphs } from '../../schema/tools/composition.ts';
import { type Contract, readContract } from '../../schema/tools/contract-files.ts';
import { type Baseline, readBaseline } from '../../schema/tools/git-baseline.ts';
import { regionFindings } from '../../schema/tools/region-findings.ts';
import { checkContract, formatReport } from '../../schema/tools/schema-check.ts';

// A hook's GIT_DIR would point the temporary repositories' git at this one.
for (const name of Object.keys(process.env)) if (name.startsWith('GIT_')) delete process.env[name];

const current = readContract(path.join(packageRoot, 'schema'));
const NO_BASELINE: Baseline = { kind: 'none', reason: 'not asked for' };
const SINCE_CURRENT: Baseline = { kind: 'found', subgraphs: current.subgraphs };

interface Edit {
  readonly in: Subgraph;
  readonly find: string | RegExp;
  readonly put: string;
}

function edited(...edits: Edit[]): Map<string, string> {
  const subgraphs = new Map(current.subgraphs);
  for (const edit of edits) {
    const old = subgraphs.get(edit.in)!;
    const text = old.replace(edit.find, edit.put);
    if (text === old) throw new Error(`${edit.in}.graphql no longer has ${edit.find}: write the test anew`);
    subgraphs.set(edit.in, text);
  }
  return subgraphs;
}

/** A copy with the edits made and composed again, so that only the edits' own findings are left. */
function changed(...edits: Edit[]): Contract {
  const subgraphs = edited(...edits);
  const composition = composeSubgraphs(subgraphs);
  return { ...current, subgraphs, supergraph: composition.ok ? composition.supergraphSdl : current.supergraph };
}

async function findingsOf(contract: Contract, baseline: Baseline = SINCE_CURRENT): Promise<string[]> {
  return (await checkContract(contract, baseline)).sections.flatMap(section => section.findings);
}

test('the repository as it is has no findings', async () => {
  expect(formatReport(await checkContract(current, SINCE_CURRENT))).toBe('schema check: ok');
});

describe('composition', () => {
  test('that fails is reported with file and line, beside what can still be judged', async () => {
    const broken = changed(
      { in: 'faults', find: 'severity: Severity! @shareable', put: 'severity: Int! @shareable' },
      { in: 'software', find: 'type Mutation {', put: 'type Mutation {\n  wipe: Int' },
    );
    const findings = await findingsOf(broken);
    expect(findings).toHaveLength(2);
    expect(findings[0]).toMatch(
      /^schema\/\w+\.graphql:\d+, schema\/\w+\.graphql:\d+: .*Alarm\.severity.*FIELD_TYPE_MISMATCH/s,
    );
    expect(findings[1]).toMatch(/Mutation\.wipe is public but names no region/);
  });

  test('of text that is no SDL names the line', async () => {
    const findings = await findingsOf(
      changed({ in: 'software', find: 'type HostSoftware {', put: 'type HostSoftware [' }),
    );
    expect(findings).toEqual([expect.stringMatching(/^schema\/software\.graphql:\d+: Syntax Error/)]);
  });

  test('of a subgraph whose file is gone says so', async () => {
    const gone = { ...current, subgraphs: new Map([...current.subgraphs, ['faults', '']]) };
    expect(await findingsOf(gone)).toContain('schema/faults.graphql: is missing or empty');
  });

  test('that was forgotten leaves a stale supergraph', async () => {
    const edited = changed({
      in: 'inventory',
      find: '  cpu: CpuTopology\n',
      put: '  color: String\n  cpu: CpuTopology\n',
    });
    expect(await findingsOf({ ...edited, supergraph: current.supergraph })).toEqual([
      'schema/supergraph.graphql: is stale: run `npm run schema`',
    ]);
    expect(await findingsOf({ ...edited, supergraph: null })).toEqual([
      'schema/supergraph.graphql: is missing: run `npm run schema`',
    ]);
    expect(await findingsOf(edited)).toEqual([]);
  });
});

describe('a recorded operation', () => {
  test('that lost a field is named with file and line', async () => {
    const findings = await findingsOf(changed({ in: 'inventory', find: '  cpu: CpuTopology\n', put: '' }), NO_BASELINE);
    expect(findings).toEqual(
      expect.arrayContaining([
        expect.stringMatching(
          /^schema\/operations\/fleet-overview\.graphql:\d+: Cannot query field "cpu" on type "Host"/,
        ),
        expect.stringMatching(/^schema\/operations\/alarm-desk\.graphql:\d+: Cannot query field "cpu" on type "Host"/),
      ]),
    );
  });

  test('that does not parse is named with its line', async () => {
    const operations = new Map([['typo.graphql', 'query A {\n  regions { nodes { id }\n}\n']]);
    expect(await findingsOf({ ...current, operations })).toEqual([
      expect.stringMatching(/^schema\/operations\/typo\.graphql:\d+: Syntax Error/),
    ]);
  });
});

describe('a root field of an edge', () => {
  const lock = (directive: string): Edit => ({
    in: 'inventory',
    find: 'type Mutation {',
    put: `type Mutation {\n  tuneHost(input: UpdateHostInput!): UpdateHostPayload ${directive}`,
  });

  test('has to name its region', () => {
    expect(regionFindings(edited(lock('')))).toEqual([
      expect.stringMatching(/^schema\/inventory\.graphql:\d+: Mutation\.tuneHost is public but names no region/),
    ]);
  });

  test.each(['input.host', 'id', 'input', 'input.id.region', ''])(
    'has to name it by something that exists, not %j',
    from => {
      expect(regionFindings(edited(lock(`@region(from: "${from}")`)))).toEqual([
        expect.stringContaining(`@region(from: "${from}"), which names no argument or input field`),
      ]);
    },
  );

  test('may name it by alternatives, each of which has to exist', () => {
    expect(regionFindings(edited(lock('@region(from: "input.id")')))).toEqual([]);
    expect(regionFindings(edited(lock('@region(from: "input.id | input.nowhere")')))).toHaveLength(1);
  });

  test('may be hidden instead', () => {
    expect(regionFindings(edited(lock('@inaccessible')))).toEqual([]);
  });
});

describe('a breaking change', () => {
  const enumValue = '  UNDETERMINED\n';
  test.each<[string, Edit[], string]>([
    [
      'a field that no operation uses',
      [{ in: 'inventory', find: '  driver: String\n  pciAddress: String\n', put: '  pciAddress: String\n' }],
      "schema/inventory.graphql: Field 'Port.driver' was removed (FIELD_REMOVED)",
    ],
    [
      'an enum value',
      [{ in: 'inventory', find: enumValue, put: '' }],
      "schema/inventory.graphql: Enum value 'DiskKind.UNDETERMINED' was removed (ENUM_VALUE_REMOVED)",
    ],
    [
      'an argument',
      [{ in: 'inventory', find: 'devices(kind: DeviceKind)', put: 'devices' }],
      "schema/inventory.graphql: Argument 'kind: DeviceKind' was removed from field 'Host.devices' (FIELD_ARGUMENT_REMOVED)",
    ],
    [
      'an input field',
      [{ in: 'fleet', find: '  raisedBefore: DateTime\n', put: '' }],
      "schema/fleet.graphql: Input field 'AlarmFilter.raisedBefore' was removed (INPUT_FIELD_REMOVED)",
    ],
    [
      'the type of a field',
      [{ in: 'inventory', find: '  sizeMiB: Int!\n  model', put: '  sizeMiB: Float!\n  model' }],
      "schema/inventory.graphql: Field 'Disk.sizeMiB' changed type from 'Int!' to 'Float!' (FIELD_TYPE_CHANGED)",
    ],
    [
      'a promise never to be null',
      [{ in: 'fleet', find: '  endpoint: String!\n', put: '  endpoint: String\n' }],
      "schema/fleet.graphql: Field 'Region.endpoint' changed type from 'String!' to 'String' (FIELD_TYPE_CHANGED)",
    ],
    [
      'a new required argument',
      [{ in: 'inventory', find: 'devices(kind: DeviceKind)', put: 'devices(kind: DeviceKind, vendor: String!)' }],
      "schema/inventory.graphql: Argument 'vendor: String!' added to field 'Host.devices' (FIELD_ARGUMENT_ADDED)",
    ],
    [
      'a field that two subgraphs answer',
      [
        { in: 'fleet', find: '  simulated: Boolean @shareable\n', put: '' },
        { in: 'inventory', find: '  simulated: Boolean @shareable\n', put: '' },
      ],
      "schema/fleet.graphql, schema/inventory.graphql: Field 'Host.simulated' was removed (FIELD_REMOVED)",
    ],
  ])('is reported: %s', async (_what, edits, finding) => {
    expect(await findingsOf({ ...changed(...edits), operations: new Map() })).toEqual([finding]);
  });

  test('is reported: a type, with what referred to it', async () => {
    const removed = changed(
      { in: 'fleet', find: /type RegionGroup \{[^}]*\}/, put: '' },
      { in: 'fleet', find: '  group: RegionGroup\n', put: '' },
    );
    expect(await findingsOf({ ...removed, operations: new Map() })).toEqual([
      "schema/fleet.graphql: Type 'RegionGroup' was removed (TYPE_REMOVED)",
      "schema/fleet.graphql: Field 'Region.group' was removed (FIELD_REMOVED)",
    ]);
  });

  test('is reported: a required argument that lost its default', async () => {
    const withDefault = changed({ in: 'inventory', find: 'kind: DeviceKind)', put: 'kind: DeviceKind! = GPU)' });
    const without = changed({ in: 'inventory', find: 'kind: DeviceKind)', put: 'kind: DeviceKind!)' });
    expect(
      await findingsOf({ ...without, operations: new Map() }, { kind: 'found', subgraphs: withDefault.subgraphs }),
    ).toEqual(["schema/inventory.graphql: 'Host.devices.kind' lost its default and is required now (DEFAULT_REMOVED)"]);
  });

  test.each<[string, Edit]>([
    ['an enum value that clients never saw', { in: 'faults', find: '  FILESYSTEM\n}', put: '}' }],
    [
      'a hidden mutation',
      { in: 'faults', find: /\n {2}"An agent says how full[^\n]*\n[^\n]*@inaccessible\n/, put: '\n' },
    ],
    ['a new field', { in: 'inventory', find: 'mtu: Int', put: 'mtu: Int\n  wakeOnLan: String' }],
    ['a new optional argument', { in: 'inventory', find: 'kind: DeviceKind)', put: 'kind: DeviceKind, name: String)' }],
    ['a description', { in: 'fleet', find: '"Display name."', put: '"What people call it."' }],
  ])('is not: %s', async (_what, edit) => {
    expect(await findingsOf(changed(edit))).toEqual([]);
  });
});

describe('the command', () => {
  const leftovers: string[] = [];
  afterEach(() => {
    for (const folder of leftovers.splice(0)) fs.rmSync(folder, { recursive: true, force: true });
  });

  const git = (root: string, ...args: string[]): string =>
    execFileSync('git', ['-C', root, '-c', 'user.name=t', '-c', 'user.email=t@example.invalid', ...args], {
      encoding: 'utf8',
    });

  /** The tool and the contract in a folder of their own. */
  function copyOfRepository(): string {
    const root = fs.mkdtempSync(path.join(os.tmpdir(), 'schema-check-'));
    leftovers.push(root);
    fs.cpSync(path.join(packageRoot, 'schema'), path.join(root, 'schema'), { recursive: true });
    for (const file of ['package.json', 'tsconfig.json'])
      fs.copyFileSync(path.join(packageRoot, file), path.join(root, file));
    fs.symlinkSync(path.join(packageRoot, 'node_modules'), path.join(root, 'node_modules'));
    return root;
  }

  function committedCopy(): string {
    const root = copyOfRepository();
    git(root, 'init', '-q', '-b', 'main');
    git(root, 'add', 'schema');
    git(root, 'commit', '-q', '-m', 'contract');
    return root;
  }

  function run(root: string, tool: string, ...flags: string[]): { status: number | null; output: string } {
    const args = ['--import', 'tsx', `schema/tools/${tool}.ts`, ...flags];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
    return { status, output: stdout + stderr };
  }

  function edit(root: string, file: string, find: string, put: string): void {
    const full = path.join(root, 'schema', file);
    const old = fs.readFileSync(full, 'utf8');
    if (!old.includes(find)) throw new Error(`${file} no longer has ${find}`);
    fs.writeFileSync(full, old.replace(find, put));
  }

  test('fails with everything it found, then passes once the change is committed and composed', () => {
    const root = committedCopy();
    expect(run(root, 'check')).toEqual({ status: 0, output: 'schema check: ok\n' });

    edit(root, 'inventory.graphql', '  cpu: CpuTopology\n', '');
    edit(root, 'software.graphql', 'type Mutation {', 'type Mutation {\n  wipe(id: ID!): ID');
    const { status, output } = run(root, 'check', '--since', 'main');
    expect(status).toBe(1);
    expect(output).toContain('schema/supergraph.graphql: is stale');
    expect(output).toMatch(/schema\/operations\/host-page\.graphql:\d+: Cannot query field "cpu"/);
    expect(output).toMatch(/schema\/software\.graphql:\d+: Mutation\.wipe is public but names no region/);
    expect(output).toContain("schema/inventory.graphql: Field 'Host.cpu' was removed (FIELD_REMOVED)");

    git(root, 'checkout', '-q', 'schema/inventory.graphql');
    edit(root, 'software.graphql', 'wipe(id: ID!): ID', 'wipe(id: ID!): ID @inaccessible');
    expect(run(root, 'compose').status).toBe(0);
    expect(run(root, 'check')).toEqual({ status: 0, output: 'schema check: ok\n' });
  }, 60_000);

  test('refuses flags that it does not know', () => {
    const { status, output } = run(packageRoot, 'check', '--sicne', 'main');
    expect(status).toBe(1);
    expect(output).toMatch(/Unknown option '--sicne'[\s\S]*usage: /);
  });

  test('composing what does not compose writes nothing', () => {
    const root = copyOfRepository();
    edit(root, 'faults.graphql', 'severity: Severity! @shareable', 'severity: Int! @shareable');
    const { status, output } = run(root, 'compose');
    expect(status).toBe(1);
    expect(output).toContain('FIELD_TYPE_MISMATCH');
    expect(fs.readFileSync(path.join(root, 'schema/supergraph.graphql'), 'utf8')).toBe(current.supergraph);
  });

  test('compares with the revision that was asked for', () => {
    const root = committedCopy();
    edit(root, 'inventory.graphql', '"One entry per NUMA node."', '"By node."');
    git(root, 'commit', '-q', '-am', 'reword');
    const old = readBaseline(root, 'HEAD~1');
    expect(old.kind === 'found' && old.subgraphs.get('inventory')).toBe(current.subgraphs.get('inventory'));
    const head = readBaseline(root, undefined);
    expect(head.kind === 'found' && head.subgraphs.get('inventory')).toContain('"By node."');
  });

  test('says when a revision does not exist, and fails', async () => {
    const baseline = readBaseline(committedCopy(), 'v9');
    expect(await findingsOf(current, baseline)).toEqual(['cannot compare: git knows no revision v9']);
  });

  test('says when there is nothing to compare with, and passes', async () => {
    const root = copyOfRepository();
    expect(readBaseline(root, undefined)).toMatchObject({
      kind: 'none',
      reason: expect.stringContaining('no git repository'),
    });
    git(root, 'init', '-q', '-b', 'main');
    expect(readBaseline(root, undefined)).toMatchObject({ kind: 'none', reason: 'the repository has no commit yet' });
    git(root, 'commit', '-q', '--allow-empty', '-m', 'empty');
    const baseline = readBaseline(root, 'HEAD');
    expect(baseline).toMatchObject({ kind: 'none', reason: 'HEAD has no schema/*.graphql' });
    expect(formatReport(await checkContract(current, baseline))).toBe(
      'schema check: ok\n\nNot checked: breaking changes: HEAD has no schema/*.graphql',
    );
  });
});
