/** Goes on with a value, at once where it is there: to wait for a promise takes a small request as long as many a step of it. */
export function andThen<T, R>(value: T | Promise<T>, step: (value: T) => R | Promise<R>): R | Promise<R> {
  return value instanceof Promise ? value.then(step) : step(value);
}
