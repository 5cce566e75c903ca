// Reads a region's change stream as any client would: lines of JSON over one long HTTP answer.
import { eventually } from '../../support/wait.ts';

export interface Line {
  readonly hello?: {
    readonly region: string;
    readonly heads: Record<string, { sequence: string; epoch: string; oldest?: string }>;
  };
  // biome-ignore lint/suspicious/noExplicitAny: the row is whatever changed
  readonly changes?: readonly { sequence: string; kind: string; entityId: string; at: string; row: any }[];
  readonly source?: string;
  readonly snapshot?: {
    readonly source: string;
    readonly at: { readonly sequence: string; readonly epoch: string };
    readonly rows: readonly { readonly entityId: string; readonly row: unknown }[];
    readonly isLast: boolean;
  };
  readonly beat?: string;
}

export interface ChangeLines {
  readonly lines: Line[];
  /** All changes of one source so far. */
  of(source: string): NonNullable<Line['changes']>;
  /** Resolves once so many changes of the source are here. */
  until(source: string, count: number): Promise<NonNullable<Line['changes']>>;
  /** Resolves when the region ended the stream. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

export async function readChanges(
  door: string,
  query: string,
  headers: Record<string, string> = {},
): Promise<ChangeLines> {
  const stop = new AbortController();
  const response = await fetch(`${door}/changes?${query}`, { headers, signal: stop.signal });
  const lines: Line[] = [];
  const reading = (async () => {
    let rest = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + chunk).split('\n');
      rest = parts.pop() ?? '';
      lines.push(...parts.map(part => JSON.parse(part) as Line));
    }
  })().catch(() => undefined); // ended by close or by the region: the test looks at the lines
  const of = (source: string) => lines.flatMap(line => (line.source === source ? [...(line.changes ?? [])] : []));
  return {
    lines,
    ended: reading,
    of,
    until: (source, count) =>
      eventually(`${count} changes of ${source}`, () => of(source).length >= count && of(source)),
    close: async () => {
      stop.abort();
      await reading;
    },
  };
}
