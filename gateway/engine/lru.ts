// A map that holds the entries used last, up to a number, and counts how often it knew what was asked of it.

export interface LruCounts {
  readonly size: number;
  readonly hits: number;
  readonly misses: number;
}

export interface Lru<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  delete(key: string): void;
  counts(): LruCounts;
}

export function lru<V>(most: number): Lru<V> {
  const entries = new Map<string, V>();
  let hits = 0;
  let misses = 0;
  return {
    get: key => {
      const value = entries.get(key);
      if (value === undefined) {
        misses++;
        return undefined;
      }
      hits++;
      entries.delete(key); // the one used last is the last of the map
      entries.set(key, value);
      return value;
    },
    set: (key, value) => {
      entries.delete(key);
      entries.set(key, value);
      if (entries.size > most) entries.delete(entries.keys().next().value!);
    },
    delete: key => void entries.delete(key),
    counts: () => ({ size: entries.size, hits, misses }),
  };
}
