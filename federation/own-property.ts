// Reads and writes properties named by clients and subgraphs, so that names such as `constructor` and `__proto__` are
// names like any other.

/** Names that every object seems to have. */
export const isInherited = (name: string): boolean => name in Object.prototype;

export const getOwn = (object: object, name: string): unknown =>
  isInherited(name) && !Object.hasOwn(object, name) ? undefined : (object as Record<string, unknown>)[name];

export function setOwn(object: object, name: string, value: unknown): void {
  if (name === '__proto__')
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  else (object as Record<string, unknown>)[name] = value;
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
