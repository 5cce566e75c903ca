// Maps a stream with a few items under way at once and yields the results in the stream's order. Bounded: it reads no
// further ahead than the window, so a slow consumer slows the source and nothing piles up.
import { promptReturn } from '../../runtime/prompt-return.ts';

/** A consumer that leaves stops the source at once; `return()` of the source must end a `next()` that is pending. */
export function inOrder<A, B>(
  source: AsyncIterable<A>,
  work: (item: A) => Promise<B>,
  atOnce: number,
): AsyncGenerator<B> {
  const items = source[Symbol.asyncIterator]();
  return promptReturn(resultsOf(items, work, atOnce), () => items.return?.());
}

async function* resultsOf<A, B>(
  items: AsyncIterator<A>,
  work: (item: A) => Promise<B>,
  atOnce: number,
): AsyncGenerator<B> {
  const underWay: Promise<B>[] = [];
  let reading: Promise<IteratorResult<A>> | undefined;
  let done = false;
  try {
    while (!done || underWay.length > 0) {
      if (!done && underWay.length < atOnce) reading ??= items.next();
      const first = underWay[0];
      // whichever comes first: a further item to start on, or the oldest result to hand out
      const next = await Promise.race([
        ...(reading
          ? [
              reading.then(
                item => ({ item }),
                failure => ({ failure }),
              ),
            ]
          : []),
        ...(first ? [first.then(result => ({ result }))] : []),
      ]);
      if ('result' in next) {
        underWay.shift();
        yield next.result;
        continue;
      }
      reading = undefined;
      done = 'failure' in next || next.item.done === true;
      if ('failure' in next) underWay.push(settledLater(Promise.reject(next.failure)));
      else if (!next.item.done) underWay.push(settledLater(work(next.item.value)));
    }
  } finally {
    for (const result of underWay) result.catch(() => undefined); // the consumer left: nobody waits for these
    reading?.catch(() => undefined);
    await items.return?.();
  }
}

/** A failure, of a later item or of the source, is thrown when its turn comes, not as an unhandled rejection before. */
function settledLater<B>(result: Promise<B>): Promise<B> {
  result.catch(() => undefined);
  return result;
}
