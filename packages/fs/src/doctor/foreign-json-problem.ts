import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { foreignFiles } from '../foreign/foreign-files.js';
import { sidecarName } from '../layout/sidecar.js';
import type { StoreDirectory } from '../store/store-directory.js';
import type { FoundValue } from './found-value.js';
import { jsonMistake } from './json-problem.js';
import { markOf } from './problem.js';
import type { SyncProblem } from './problem.js';
import type { Site } from './site.js';

/** Finds out whether a JSON record of another tool is JSON. */
export async function foreignJsonProblem(
  site: Site,
  store: StoreDirectory,
  value: FoundValue,
): Promise<SyncProblem | undefined> {
  const { key, path } = value;
  const mark = markOf(path);
  const message = await jsonMistake(store, value);
  if (message === undefined) return undefined;
  const about = { code: 'json-corrupt', path, key, message } as const;
  if (!isPythons(path)) return { ...about, repair: () => takeAway(site, store, value, mark) };
  const remedy = 'Nothing: it has NaN or Infinity, which Python reads and writes. Write the record without them.';
  return { ...about, remedy };
}

/** Python writes numbers that are no JSON, and reads them. */
function isPythons(path: string): boolean {
  try {
    JSON.parse(readFileSync(path, 'utf8').replaceAll(/-?\b(?:NaN|Infinity)\b/g, 'null'));
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** The record goes after its other files, of which one would come to light in its place, and its sidecars go last. */
function takeAway({ quarantine }: Site, store: StoreDirectory, value: FoundValue, mark: string | undefined): boolean {
  if (markOf(value.path) !== mark) return false;
  const files = [...foreignFiles(store, value.key, 'ignore', 'all')];
  const sidecars = new Set(files.filter(({ sidecar }) => sidecar?.key === value.key).map(({ stem }) => stem));
  for (const { name } of files) {
    const path = join(store.path, name);
    if (path !== value.path) quarantine.take(path, markOf(path));
  }
  if (!quarantine.take(value.path, mark)) return false;
  for (const stem of sidecars) {
    const path = join(store.path, sidecarName(stem));
    quarantine.take(path, markOf(path));
  }
  return true;
}
