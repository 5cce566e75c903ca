// Gathers every finding about the contract into one report. Never stops at the first: who fixes wants to see them all.
import { breakingFindings } from './breaking-findings.ts';
import { composeSubgraphs, publicSchemaOf } from './composition.ts';
import type { Contract } from './contract-files.ts';
import type { Baseline } from './git-baseline.ts';
import { operationFindings } from './operation-findings.ts';
import { regionFindings } from './region-findings.ts';

export interface Section {
  readonly title: string;
  readonly findings: readonly string[];
}

export interface Report {
  /** Only those with findings. */
  readonly sections: readonly Section[];
  /** What was left unchecked and why. */
  readonly skipped: readonly string[];
}

export async function checkContract(contract: Contract, baseline: Baseline): Promise<Report> {
  const skipped: string[] = [];
  const sections: Section[] = [{ title: 'Root fields without a region', findings: regionFindings(contract.subgraphs) }];
  const composition = composeSubgraphs(contract.subgraphs);
  if (composition.ok) {
    const schema = publicSchemaOf(composition.supergraphSdl);
    const after = { schema, subgraphs: contract.subgraphs };
    sections.unshift({ title: 'Composed file', findings: staleFindings(contract, composition.supergraphSdl) });
    sections.push({ title: 'Operations', findings: operationFindings(schema, contract.operations) });
    sections.push({ title: 'Breaking changes', findings: await breakingSince(baseline, after, skipped) });
  } else {
    sections.unshift({ title: 'Composition', findings: composition.problems });
    skipped.push('operations, supergraph.graphql and breaking changes: the subgraphs have to compose first');
  }
  return { sections: sections.filter(section => section.findings.length > 0), skipped };
}

function staleFindings(contract: Contract, composed: string): string[] {
  if (contract.supergraph === composed) return [];
  const state = contract.supergraph === null ? 'is missing' : 'is stale';
  return [`schema/supergraph.graphql: ${state}: run \`npm run schema\``];
}

async function breakingSince(
  baseline: Baseline,
  after: Parameters<typeof breakingFindings>[1],
  skipped: string[],
): Promise<string[]> {
  if (baseline.kind === 'unreadable') return [`cannot compare: ${baseline.reason}`];
  if (baseline.kind === 'none') {
    skipped.push(`breaking changes: ${baseline.reason}`);
    return [];
  }
  const before = composeSubgraphs(baseline.subgraphs);
  if (!before.ok) {
    skipped.push(`breaking changes: the old subgraphs do not compose: ${before.problems.join('; ')}`);
    return [];
  }
  return breakingFindings({ schema: publicSchemaOf(before.supergraphSdl), subgraphs: baseline.subgraphs }, after);
}

export function formatReport(report: Report): string {
  const count = report.sections.reduce((sum, section) => sum + section.findings.length, 0);
  const lines = [count === 0 ? 'schema check: ok' : `schema check: ${count} ${count === 1 ? 'problem' : 'problems'}`];
  for (const { title, findings } of report.sections) {
    lines.push('', title);
    for (const finding of findings) lines.push(`  - ${finding.replaceAll('\n', '\n    ')}`);
  }
  if (report.skipped.length > 0) lines.push('', ...report.skipped.map(reason => `Not checked: ${reason}`));
  return lines.join('\n');
}
