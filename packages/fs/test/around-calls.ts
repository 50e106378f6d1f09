import * as fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { onTestFinished } from 'vitest';

/** Gets a call with its paths, and may do something before and after it. */
type Around = (call: () => unknown, ...paths: string[]) => unknown;

/** Lets something happen around all calls of a function of `node:fs`. Returns what undoes it. */
export function aroundCalls(
  name: 'linkSync' | 'openSync' | 'readdirSync' | 'renameSync' | 'rmSync' | 'statSync',
  around: Around,
): () => void {
  const builtin = process.getBuiltinModule('node:fs') as unknown as Record<string, unknown>;
  const original = fs[name] as (...args: unknown[]) => unknown;
  const undo = (): void => {
    builtin[name] = original;
    syncBuiltinESMExports();
  };
  builtin[name] = (...args: unknown[]) => {
    const paths = args.filter((arg) => typeof arg === 'string');
    return around(() => original(...args), ...paths);
  };
  syncBuiltinESMExports();
  onTestFinished(undo);
  return undo;
}
