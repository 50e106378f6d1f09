import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Operation, Result, RunTool } from './operation.js';

const packageDir = join(import.meta.dirname, '..', '..');
const driver = join(import.meta.dirname, 'python', 'driver.py');

/** Tells whether a version of Apify's SDK for Python is there; `python/install.js` installs it. */
export function hasPython(version: string): boolean {
  return existsSync(pythonWith(version));
}

/** Does operations with a version of Apify's SDK for Python. */
export function runPython(
  version: string,
  options: { readonly writeMetadata?: boolean; readonly store?: string } = {},
): RunTool {
  const { writeMetadata = true, store = 'interop' } = options;
  return async (dir: string, operations: readonly Operation[]) => {
    const run = promisify(execFile)(pythonWith(version), [driver, dir, store, ...(writeMetadata ? ['metadata'] : [])]);
    run.child.stdin?.end(JSON.stringify(operations));
    const { stdout } = await run;
    return JSON.parse(stdout) as readonly Result[];
  };
}

function pythonWith(version: string): string {
  const python = process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python'];
  return join(packageDir, '.python', `apify-${version}`, ...python);
}
