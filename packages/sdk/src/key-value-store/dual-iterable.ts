/** Gives its items one by one with `for await`, or all at once with `await`; anew each time. */
export interface DualIterable<Item> extends AsyncIterable<Item>, PromiseLike<Item[]> {}

/** Makes a {@link DualIterable} of a function that starts an iteration, turning each item. Nothing is read before it is used. */
export function dualIterable<Source, Item>(
  start: () => AsyncIterable<Source>,
  turn: (item: Source) => Item,
): DualIterable<Item> {
  async function* iterate(): AsyncGenerator<Item> {
    for await (const item of start()) yield turn(item);
  }
  return {
    [Symbol.asyncIterator]: iterate,
    // oxlint-disable-next-line unicorn/no-thenable -- being awaitable is what it is for
    then: (onFulfilled, onRejected) => Array.fromAsync(iterate()).then(onFulfilled, onRejected),
  };
}
