// A map that keeps the entries used last, up to a number, and counts how often it knew what was asked of it.

export interface LruCounts {
  readonly size: number;
  readonly hits: number;
  readonly misses: number;
}

export interface Lru<K, V> {
  get(key: K): V | undefined;
  set(key: K, value: V): void;
  /** The value of the key, made first when there is none. */
  getOrMake(key: K, make: () => V): V;
  delete(key: K): void;
  counts(): LruCounts;
}

export function lru<K, V>(most: number): Lru<K, V> {
  const entries = new Map<K, V>(); // the one used last is the last
  let hits = 0;
  let misses = 0;
  const set = (key: K, value: V): void => {
    entries.delete(key);
    entries.set(key, value);
    if (entries.size > most) entries.delete(entries.keys().next().value!);
  };
  const get = (key: K): V | undefined => {
    const value = entries.get(key);
    if (value === undefined) {
      misses++;
      return undefined;
    }
    hits++;
    set(key, value);
    return value;
  };
  return {
    get,
    set,
    getOrMake: (key, make) => {
      const known = get(key);
      if (known !== undefined) return known;
      const made = make();
      set(key, made);
      return made;
    },
    delete: key => void entries.delete(key),
    counts: () => ({ size: entries.size, hits, misses }),
  };
}
