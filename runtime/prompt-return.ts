// Lets a consumer leave a generator that waits. `return()` of an async generator stands in line behind the `next()` that
// is pending, which on a quiet stream is for ever; so what the generator waits for is stopped first.

/** `stop` must end whatever a pending `next()` waits for. */
export function promptReturn<T>(results: AsyncGenerator<T>, stop: () => Promise<unknown> | unknown): AsyncGenerator<T> {
  const end = results.return.bind(results);
  results.return = async value => {
    await stop();
    return end(value);
  };
  return results;
}
