// SDL of other releases, made from that of today.
import { type DocumentNode, parse, print, visit } from 'graphql';
import { type EdgeSubgraph, readSubgraph } from '../../schema/sources.ts';

/** The subgraph's SDL without these fields: `Host.cpu`, `Mutation.raiseAlarm`. */
export function without(name: EdgeSubgraph, ...coordinates: string[]): string {
  let type = '';
  let left = new Set(coordinates);
  const document: DocumentNode = visit(parse(readSubgraph(name)), {
    ObjectTypeDefinition: node => {
      type = node.name.value;
    },
    FieldDefinition: node => {
      const coordinate = `${type}.${node.name.value}`;
      if (!coordinates.includes(coordinate)) return undefined;
      left = new Set([...left].filter(one => one !== coordinate));
      return null;
    },
  });
  if (left.size > 0) throw new Error(`no such field: ${[...left]}`);
  return print(document);
}

/** With more than today's. */
export const withMore = (name: EdgeSubgraph, sdl: string): string => `${readSubgraph(name)}\n${sdl}\n`;
