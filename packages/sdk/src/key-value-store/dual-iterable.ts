/** Gives its items one by one with `for await`, or all at once with `await`. Use it once. */
export interface DualIterable<Item> extends AsyncIterable<Item>, PromiseLike<Item[]> {}

/** Makes a {@link DualIterable} of another iterable, turning each of its items. Nothing is read before it is used. */
export function dualIterable<Source, Item>(
  source: AsyncIterable<Source>,
  turn: (item: Source) => Promise<Item>,
): DualIterable<Item> {
  async function* iterate(): AsyncGenerator<Item> {
    for await (const item of source) yield await turn(item);
  }
  return {
    [Symbol.asyncIterator]: iterate,
    // oxlint-disable-next-line unicorn/no-thenable -- being awaitable is what it is for
    then: (onFulfilled, onRejected) => Array.fromAsync(iterate()).then(onFulfilled, onRejected),
  };
}
