import { lutimesSync, readdirSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { doctor } from '../src/index.js';
import type { DoctorFinding } from '../src/index.js';

/** Lets everything in a directory look old, so that nobody can be at work on it. */
export function age(dir: string): void {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) age(path);
    else lutimesSync(path, 1_000_000_000, 1_000_000_000);
  }
  utimesSync(dir, 1_000_000_000, 1_000_000_000);
}

/** All files below a directory with their bytes and times, but for the heartbeats of runs. */
export function snapshot(dir: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(dir, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.parentPath.startsWith(join(dir, '.kv/runs'))) continue;
    found[path] = entry.isFile() ? `${statSync(path).mtimeMs} ${readFileSync(path, 'latin1')}` : 'no file';
  }
  return found;
}

/** Repairs, and gives what was found. */
export async function repair(dir: string): Promise<readonly DoctorFinding[]> {
  age(dir);
  return (await doctor({ dir, repair: true })).findings;
}

/** Gives the codes of the findings, each with the file's name. */
export async function findings(dir: string): Promise<string[]> {
  age(dir);
  const report = await doctor({ dir });
  return report.findings.map(({ code, path }) => `${code} ${path.slice(path.lastIndexOf('/') + 1)}`);
}
