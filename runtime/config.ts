// Turns the environment, a file and command-line flags into one typed Config, or into one error that lists everything
// that is wrong. The only place that reads process.env.
import fs from 'node:fs';
import { z } from 'zod';
import { type Config, type ConfigInput, ConfigSchema } from './config-schema.ts';

export type { Config, ConfigInput } from './config-schema.ts';

const PREFIX = 'MURMUR_';
/** Names the settings file; not a setting itself. */
const FILE_KEY = `${PREFIX}CONFIG`;
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '::1', '[::1]']);
const EVERY_ADDRESS = new Set(['0.0.0.0', '::']);

export class ConfigError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(
      [
        `The configuration has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:`,
        ...problems,
      ].join('\n  - '),
    );
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

export interface ConfigSources {
  readonly env?: NodeJS.ProcessEnv;
  /** Path of a JSON file with the shape of `Config`; MURMUR_CONFIG names one too. */
  readonly file?: string | undefined;
  /** Command-line flags: they win over the environment, which wins over the file. */
  readonly flags?: ConfigInput;
}

export function loadConfig({ env = process.env, file, flags = {} }: ConfigSources = {}): Config {
  const problems: string[] = [];
  const fromFile = readSettingsFile(file ?? env[FILE_KEY], problems);
  const fromEnv = readEnvironment(env, problems);
  const merged = merge(merge(fromFile, fromEnv), flags as Tree);
  const parsed = ConfigSchema.safeParse(merged);
  if (!parsed.success) problems.push(...parsed.error.issues.flatMap(describeIssue));
  if (parsed.success) problems.push(...openDoorProblems(parsed.data));
  if (problems.length > 0 || !parsed.success) throw new ConfigError(problems);
  return parsed.data;
}

export const isLoopback = (host: string): boolean => LOOPBACK.has(host);

/** Where a door bound to `host` is reached from this machine. */
export const reachable = (host: string): string => (EVERY_ADDRESS.has(host) ? '127.0.0.1' : host);

/** Where the fleet service is. */
export const fleetUrl = (config: Config): string =>
  config.fleet.url ?? `http://${reachable(config.host)}:${config.fleet.port}`;

/** Headers by which one part shows another that it belongs to this system. */
export const authHeaders = (config: Config): Record<string, string> =>
  config.auth.token === undefined ? {} : { authorization: `Bearer ${config.auth.token}` };

/** @apollo/gateway reports usage hourly unless its environment says no; it must say so before the gateway is made. */
export function disableApolloTelemetry(): void {
  process.env['APOLLO_TELEMETRY_DISABLED'] = 'true';
}

/** What a command of the machine is run with: where commands are found, plain messages, and no setting of ours. */
export const commandEnvironment = (more: Readonly<Record<string, string>>): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  LC_ALL: 'C',
  ...more,
});

type Tree = { [key: string]: unknown };
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

function merge(below: Tree, above: Tree): Tree {
  const out: Tree = { ...below };
  for (const [key, value] of Object.entries(above)) {
    if (value === undefined) continue;
    const old = out[key];
    out[key] = isTree(value) && isTree(old) ? merge(old, value) : value;
  }
  return out;
}

function readSettingsFile(file: string | undefined, problems: string[]): Tree {
  if (file === undefined) return {};
  try {
    const value: unknown = JSON.parse(fs.readFileSync(file, 'utf8'));
    if (isTree(value)) return value;
    problems.push(`${file}: must hold a JSON object`);
  } catch (error) {
    problems.push(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return {};
}

function readEnvironment(env: NodeJS.ProcessEnv, problems: string[]): Tree {
  const known = environmentNames();
  let tree: Tree = {};
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith(PREFIX) || name === FILE_KEY || text === undefined) continue;
    const leaf = known.get(name);
    if (!leaf) {
      problems.push(`${name}: no such setting${suggestion(name, [...known.keys(), FILE_KEY])}`);
      continue;
    }
    const value = leaf.isText ? text : parseText(text);
    tree = merge(tree, leaf.path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Tree);
  }
  return tree;
}

/** Numbers, booleans and objects are written as JSON; what is not JSON is left for the schema to refuse. */
function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text; // the schema names the field and what it expects
  }
}

interface Leaf {
  readonly path: readonly string[];
  readonly isText: boolean;
}

/** Every setting by the name of its environment variable. */
export function environmentNames(): Map<string, Leaf> {
  const names = new Map<string, Leaf>();
  const walk = (type: z.core.$ZodType, path: readonly string[]): void => {
    const inner = unwrap(type);
    if (inner instanceof z.ZodObject) {
      for (const [key, child] of Object.entries(inner.shape)) walk(child as z.core.$ZodType, [...path, key]);
      return;
    }
    const isText = inner instanceof z.ZodString || inner instanceof z.ZodEnum || inner instanceof z.ZodURL;
    names.set(PREFIX + path.map(toScreamingSnake).join('_'), { path, isText });
  };
  walk(ConfigSchema, []);
  return names;
}

function unwrap(type: z.core.$ZodType): z.core.$ZodType {
  if (type instanceof z.ZodDefault || type instanceof z.ZodPrefault || type instanceof z.ZodOptional)
    return unwrap(type.def.innerType);
  return type;
}

const toScreamingSnake = (key: string): string => key.replace(/[A-Z]/g, capital => `_${capital}`).toUpperCase();

function describeIssue(issue: z.core.$ZodIssue): string[] {
  const at = issue.path.map(String);
  if (issue.code !== 'unrecognized_keys') return [`${nameOf(at)}: ${issue.message}`];
  return issue.keys.map(key => {
    const siblings = [...environmentNames().values()].map(leaf => leaf.path.slice(0, at.length + 1).join('.'));
    const name = [...at, key].join('.');
    return `${name}: no such setting${suggestion(name, siblings)}`;
  });
}

/** A section has no variable of its own; what lies within a setting, such as one door, has that setting's. */
function nameOf(path: readonly string[]): string {
  if (path.length === 0) return 'settings';
  const name = [...environmentNames()].find(([, leaf]) => leaf.path.every((key, i) => key === path[i]))?.[0];
  return name === undefined ? path.join('.') : `${path.join('.')} (${name})`;
}

function openDoorProblems(config: Config): string[] {
  if (isLoopback(config.host) || config.auth.token !== undefined) return [];
  return [
    `host (${PREFIX}HOST): ${config.host} is open to the network and no authentication is configured: set auth.token (${PREFIX}AUTH_TOKEN, 32 characters or more), or bind to 127.0.0.1`,
  ];
}

function suggestion(name: string, candidates: readonly string[]): string {
  const ranked = [...new Set(candidates)].map(c => ({ c, d: distance(name, c) })).sort((a, b) => a.d - b.d);
  const best = ranked[0];
  return best && best.d <= Math.max(2, name.length / 4) ? `; did you mean ${best.c}?` : '';
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
