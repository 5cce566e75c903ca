// Lets a reader go on while what it read before is being stored: many small lines then share one commit. Bounded, in order,
// and the first failure ends it.
export interface AppliedAhead {
  /** Begins to store so many changes; resolves when there is room for more. Throws what an earlier one failed with. */
  push(changes: number, stored: Promise<void>): Promise<void>;
  /** Resolves when all that was pushed is stored. Throws what one of them failed with. */
  settled(): Promise<void>;
}

const MOST = 1_000; // changes under way for one reader; about 1 MB

export function appliedAhead(): AppliedAhead {
  const underWay = new Set<Promise<void>>();
  let changesUnderWay = 0;
  let failure: { readonly error: unknown } | undefined;
  const waitUntil = async (enough: () => boolean): Promise<void> => {
    while (!failure && !enough()) await Promise.race(underWay);
    if (failure) throw failure.error;
  };
  return {
    push: (changes, stored) => {
      changesUnderWay += changes;
      const ended = stored
        .catch(error => {
          failure ??= { error };
        })
        .finally(() => {
          changesUnderWay -= changes;
          underWay.delete(ended);
        });
      underWay.add(ended);
      return waitUntil(() => changesUnderWay < MOST);
    },
    settled: () => waitUntil(() => underWay.size === 0),
  };
}
