// A map that keeps what was used last, up to a number of entries.

export interface Lru<K, V> {
  get(key: K): V | undefined;
  set(key: K, value: V): void;
  /** The value of the key, made first when there is none. */
  getOrMake(key: K, make: () => V): V;
}

export function lru<K, V>(limit: number): Lru<K, V> {
  const entries = new Map<K, V>(); // the oldest first
  const put = (key: K, value: V): void => {
    entries.delete(key);
    entries.set(key, value);
    if (entries.size > limit) entries.delete(entries.keys().next().value!);
  };
  const get = (key: K): V | undefined => {
    const value = entries.get(key);
    if (value !== undefined) put(key, value);
    return value;
  };
  return {
    get,
    set: put,
    getOrMake: (key, make) => {
      const known = get(key);
      if (known !== undefined) return known;
      const made = make();
      put(key, made);
      return made;
    },
  };
}
