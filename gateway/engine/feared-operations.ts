// The operations that ended the planner process or kept it too long: they are not sent to it again. Known by their shape,
// so that one that comes with other values each time is known too.
import { createHash } from 'node:crypto';
import { type DocumentNode, print, visit } from 'graphql';
import { lru } from '../../runtime/lru.ts';

export type Fear = 'aborts' | 'slow';

export interface FearedOperations {
  /** Why the operation is not to be sent to the planner process, if it is not. */
  fearOf(document: DocumentNode): Fear | undefined;
  /** Gives the shape, and its hash for a log. */
  add(document: DocumentNode, fear: Fear): Shape;
}

export interface Shape {
  /** Without name, variables and arguments: nothing of it is a client's secret. */
  readonly text: string;
  readonly hash: string;
}

const MOST = 1_000;
const SLOW_FOR_MS = 300_000; // then it is tried again: the machine may only have been busy

export function fearedOperations(now: () => number): FearedOperations {
  const feared = lru<string, { readonly fear: Fear; readonly until: number }>(MOST);
  return {
    fearOf: document => {
      if (feared.counts().size === 0) return undefined; // as good as always: nothing is hashed
      const known = feared.get(shapeOf(document).hash);
      return known && now() < known.until ? known.fear : undefined;
    },
    add: (document, fear) => {
      const shape = shapeOf(document);
      feared.set(shape.hash, { fear, until: fear === 'slow' ? now() + SLOW_FOR_MS : Number.POSITIVE_INFINITY });
      return shape;
    },
  };
}

function shapeOf(document: DocumentNode): Shape {
  const text = print(
    visit(document, {
      OperationDefinition: ({ name: _, variableDefinitions: __, ...operation }) => operation,
      Argument: () => null,
    }),
  );
  return { text, hash: createHash('sha256').update(text).digest('hex').slice(0, 16) };
}
