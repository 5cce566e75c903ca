// How closely the answers of regions are looked at: each entity must be the one that was asked for, and everything must have
// the shape that was asked for. Compiled once per planned fetch.
import type { AnswerCheck, EntityCheck } from '../../federation/compiled-fetch.ts';
import type { Fetch } from '../../federation/fetch-plan.ts';
import type { Target } from '../../federation/targets.ts';
import { EDGE_SUBGRAPHS, readSubgraph } from '../../schema/sources.ts';
import { type ExpectedShape, expectedShape, type ShapeCheck, shapeCheck } from '../routing/answer-shape.ts';
import { askingIds, ENTITY_ID, readShape } from '../routing/operation-shape.ts';
import { shapeOfSchema } from '../routing/schema-shape.ts';

/** Undefined for a fetch from a subgraph that no region runs. */
export function regionAnswerChecks(): (fetch: Fetch) => AnswerCheck | undefined {
  const schemas = new Map<string, ReturnType<typeof shapeOfSchema>>(
    EDGE_SUBGRAPHS.map(name => [name, shapeOfSchema(readSubgraph(name))]),
  );
  return fetch => {
    const schema = schemas.get(fetch.subgraph);
    return schema && checkOf(fetch, expectedShape(readShape(fetch.operation), schema));
  };
}

function checkOf({ operation, inputs }: Fetch, { fields }: ExpectedShape): AnswerCheck {
  // a client may have taken the name
  const asksIds = inputs.length > 0 && !operation.includes(ENTITY_ID);
  const roots = new Map<string, ShapeCheck>([...fields!].map(([name, shape]) => [name, shapeCheck(shape, name)]));
  return {
    operation: asksIds ? askingIds(readShape(operation)) : operation,
    entity: alias => entityCheck(asksIds, fields!.get(alias)),
    sentBackFlaw,
    rootFlaw: (data, names) => {
      for (const name of names) {
        const flaw = roots.get(name)?.(data[name]) ?? null;
        if (flaw !== null) return flaw;
      }
      return null;
    },
  };
}

function entityCheck(asksIds: boolean, shape: ExpectedShape | undefined): EntityCheck {
  return {
    identityFlaw: (entity, target, hasErrors) => {
      if (!asksIds) return typeFlaw(entity, target);
      const given = entity[ENTITY_ID];
      if (given === undefined && hasErrors) return typeFlaw(entity, target); // of another release, which is told
      entity[ENTITY_ID] = undefined; // no part of the data
      return given === target['id'] ? typeFlaw(entity, target) : otherThan(target, given);
    },
    shapeFlaw: shape ? shapeCheck({ ...shape, lists: 0 }, 'an entity') : () => null,
  };
}

const otherThan = ({ id }: Target, given: unknown): string =>
  `answered for ${typeof given === 'string' ? given : 'something without an id'} where ${String(id)} was asked for`;

function typeFlaw({ __typename: given }: Target, { __typename: asked, id }: Target): string | null {
  return given === undefined || given === asked
    ? null
    : `answered with another type than ${String(asked)}, which was asked for as ${String(id)}`;
}

const sentBackFlaw: EntityCheck['identityFlaw'] = (entity, target) =>
  entity['id'] === target['id'] ? typeFlaw(entity, target) : otherThan(target, entity['id']);
