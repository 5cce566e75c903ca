// The pages under docs/ and the README: links lead somewhere, and a decision's number is its own.
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../schema/sources.ts';

const decisions = fs.readdirSync(path.join(packageRoot, 'docs/decisions'));
const pages = [
  'README.md',
  ...fs
    .readdirSync(path.join(packageRoot, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.md'))
    .map(name => `docs/${name}`),
];
const read = (page: string): string => fs.readFileSync(path.join(packageRoot, page), 'utf8');

test('no two decisions have one number, and each is headed by its own', () => {
  const numbers = decisions.map(name => name.slice(0, 4));
  expect(numbers.filter((number, i) => numbers.indexOf(number) !== i)).toEqual([]);
  const headings = decisions.map(name => read(`docs/decisions/${name}`).split('.')[0]);
  expect(headings).toEqual(numbers.map(number => `# ${Number(number)}`));
});

test('no link between pages leads nowhere', () => {
  const broken = pages.flatMap(page =>
    [...read(page).matchAll(/\]\((?!https?:)([^)#\s]+)(?:#[^)]*)?\)/g)]
      .filter(([, target]) => !fs.existsSync(path.join(packageRoot, path.dirname(page), target!)))
      .map(([, target]) => `${page}: ${target}`),
  );
  expect(broken).toEqual([]);
});

test('every page of docs/ is linked from the README', () => {
  const readme = read('README.md');
  const ofDocs = pages.filter(page => path.dirname(page) === 'docs');
  expect(ofDocs.filter(page => !readme.includes(`(${page})`))).toEqual([]);
});
