const MAX_TIMER_MILLIS = 2 ** 31 - 1;

/** Turns seconds into what a timer takes: beyond some 25 days, timers of JavaScript would go off at once. */
export function timerMillis(seconds: number): number {
  if (typeof seconds !== 'number' || Number.isNaN(seconds) || seconds < 0) {
    throw new RangeError(`A time-out must be a number of seconds from 0, not ${String(seconds)}.`);
  }
  return Math.min(seconds * 1000, MAX_TIMER_MILLIS);
}
