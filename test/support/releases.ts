// SDL of other releases, made from that of today.
import { type DocumentNode, parse, print, visit } from 'graphql';
import { type EdgeSubgraph, readSubgraph } from '../../schema/sources.ts';

/** The subgraph's SDL without these fields and enum values: `Host.cpu`, `Mutation.raiseAlarm`, `ReportHostInput.sensors`, `DeviceKind.GPU`. */
export function without(name: EdgeSubgraph, ...coordinates: string[]): string {
  let type = '';
  const left = new Set(coordinates);
  const enter = (node: { readonly name: { readonly value: string } }): void => {
    type = node.name.value;
  };
  const leaveOut = (node: { readonly name: { readonly value: string } }): null | undefined => {
    const coordinate = `${type}.${node.name.value}`;
    if (!coordinates.includes(coordinate)) return undefined;
    left.delete(coordinate);
    return null;
  };
  const document: DocumentNode = visit(parse(readSubgraph(name)), {
    ObjectTypeDefinition: enter,
    InputObjectTypeDefinition: enter,
    EnumTypeDefinition: enter,
    FieldDefinition: leaveOut,
    InputValueDefinition: (node, _key, _parent, path) => (path.includes('arguments') ? undefined : leaveOut(node)),
    EnumValueDefinition: leaveOut,
  });
  if (left.size > 0) throw new Error(`no such field: ${[...left]}`);
  return print(document);
}

/** With more than today's. */
export const withMore = (name: EdgeSubgraph, sdl: string): string => `${readSubgraph(name)}\n${sdl}\n`;
