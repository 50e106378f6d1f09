/**
 * The two functions of a test runner that the suite needs; those of vitest, `node:test`, bun and jest fit as they are.
 *
 * The runner's limit of time for one test must leave room for the largest cases: a minute is enough.
 */
export interface ConformanceRunner {
  /** Makes a group of tests. */
  describe(name: string, body: () => void): unknown;
  /** Makes a test. What the runner hands to the body is searched for a `skip` function; none is needed. */
  it(name: string, body: (...contexts: unknown[]) => Promise<void>): unknown;
}

/** Tells the runner that a test is skipped, where it has handed over the means to. Some raise an error of their own here. */
export function markSkipped(contexts: readonly unknown[], note: string): void {
  const context = Object(contexts[0]) as { skip?: unknown };
  if (typeof context.skip === 'function') (context as { skip(note: string): void }).skip(note);
}
