import * as fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** The calls that change a directory: the process may stop before each of them. */
const STEPS = ['mkdirSync', 'renameSync', 'linkSync', 'unlinkSync', 'rmdirSync'] as const;

/** Lets the process die before the nth step: that step and all later ones throw. Returns what undoes it. */
export function stopBefore(nth: number): () => void {
  const originals = STEPS.map((name) => [name, fs[name]] as const);
  const builtin = process.getBuiltinModule('node:fs') as unknown as Record<string, unknown>;
  let count = 0;
  for (const [name, original] of originals) {
    builtin[name] = (...args: unknown[]) => {
      count += 1;
      if (count >= nth) throw new Error('stopped');
      return (original as (...parameters: unknown[]) => unknown)(...args);
    };
  }
  syncBuiltinESMExports();
  return () => {
    for (const [name, original] of originals) builtin[name] = original;
    syncBuiltinESMExports();
  };
}
