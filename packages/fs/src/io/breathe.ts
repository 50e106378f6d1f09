import { setImmediate } from 'node:timers';

// Half of what a program notices.
const MAX_TURN_MILLIS = 10;

let turnStartedAt: number | undefined;

/**
 * Lets timers and sockets have their turn when work that never waits has taken all of the time.
 *
 * Awaiting what is done already does not yield: a loop of short operations would keep everything else waiting until its end.
 * Returns `undefined` when there is no need, so that nobody waits then.
 */
export function breathe(): Promise<void> | undefined {
  const now = performance.now();
  if (turnStartedAt === undefined) {
    turnStartedAt = now;
    setImmediate(() => (turnStartedAt = undefined));
  }
  if (now - turnStartedAt < MAX_TURN_MILLIS) return undefined;
  return new Promise((resolve) => setImmediate(resolve));
}
