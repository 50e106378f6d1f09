import { setImmediate } from 'node:timers';

// Where eight clients take turns, many a request comes alone.
const CALM_TURNS = 16;

/**
 * Puts calls off to the end of the turn of the event loop in which they come, and makes them there in their order; at once where
 * no two of them came in one turn lately.
 *
 * What a request takes is mostly to fetch the code of its many small steps into the caches of the processor. So it is better to
 * read all requests that are there, then to handle them, and then to send the answers, as Redis does: each step is run many
 * times in a row, and clients are woken once.
 */
export function inBatches<T extends readonly unknown[]>(call: (...args: T) => void): (...args: T) => void {
  let waiting: T[] = [];
  let count = 0;
  let busyTurns = 0;
  const endTurn = (): void => {
    const batch = waiting;
    waiting = [];
    busyTurns = count > 1 ? CALM_TURNS : Math.max(0, busyTurns - 1);
    count = 0;
    for (const args of batch) call(...args);
  };
  return (...args) => {
    count += 1;
    if (count === 1) setImmediate(endTurn);
    if (busyTurns > 0) waiting.push(args);
    else call(...args);
  };
}
