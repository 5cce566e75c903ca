// The two ways to tell entities apart: numbered ones for the small federations, and ids that begin with a region for our own.
import { regionOf } from '../../../schema/identity.ts';
import { hashOf } from './random.ts';
import type { Identities } from './synthetic-data.ts';

const FEW = 6; // so few of a kind that the same one is met again and again

/**
 * `Product-3` is known by every key field as `<field>-Product-3`. `families` names the interface whose implementers are
 * told apart by the interface's key alone.
 */
export function numberedIdentities(families: Readonly<Record<string, readonly string[]>> = {}): Identities {
  const familyOf = new Map(
    Object.entries(families).flatMap(([name, types]) => types.map(type => [type, name] as const)),
  );
  return {
    choose: (type, seed) => {
      const family = familyOf.get(type);
      const number = hashOf(`who ${seed}`) % FEW;
      if (family === undefined) return `${type}-${number}`;
      const types = families[family]!;
      return `${family}-${number * types.length + types.indexOf(type)}`;
    },
    keyValue: (identity, field) => `${field}-${identity}`,
    identify: representation => {
      for (const [field, value] of Object.entries(representation))
        if (typeof value === 'string' && value.startsWith(`${field}-`) && /-\d+$/.test(value))
          return value.slice(field.length + 1);
      return null;
    },
    typeOf: (identity, possible) => possible[Number(identity.split('-')[1]) % possible.length]!,
  };
}

/** Our own ids: a region's is its name, everything else lies in a region. `regions` are all that there are. */
export function regionalIdentities(regions: readonly string[]): Identities {
  return {
    choose: (type, seed, owner) => {
      const number = hashOf(`who ${seed}`) % FEW;
      const region = owner === null ? regions[number % regions.length]! : ownRegion(owner);
      return type === 'Region' ? region : `${region}/${type.toLowerCase()}-${number}`;
    },
    keyValue: identity => identity,
    identify: ({ id }) => (typeof id === 'string' && regions.includes(ownRegion(id)) ? id : null),
    typeOf: (_, [type]) => type!,
  };
}

const ownRegion = (id: string): string => regionOf(id) ?? id;
