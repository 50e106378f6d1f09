import { extname, join } from 'node:path';
import { parseContentType } from '@kv/core';
import { isFile } from '../io/is-file.js';
import { listNames } from '../io/list-names.js';
import { replaceFile } from '../io/place-file.js';
import { readDescriptionAt } from '../io/read-description.js';
import { decodeStem } from '../layout/file-stem.js';
import { extensionFor, typeFor } from '../layout/media-types.js';
import { sidecarName } from '../layout/sidecar.js';
import { markOf } from './problem.js';
import type { SyncProblem } from './problem.js';
import type { SeenRecords } from './seen-records.js';
import type { BrokenSidecar } from './seen-sidecars.js';
import { isValueNameOf } from './value-names.js';

/** Explains a sidecar that is none, and makes a new one where the value can be told by its name. */
export function brokenSidecarProblem(
  records: SeenRecords,
  stem: string,
  { code, message }: BrokenSidecar,
): SyncProblem {
  const { store } = records;
  const path = join(store.path, sidecarName(stem));
  const key = decodeStem(stem, store.ignoresCase);
  const about = { code, path, message, ...(key === undefined ? {} : { key }) };
  if (code === 'access-denied') return about;
  const mark = markOf(path);
  return { ...about, repair: () => mend(records, { stem, key, path, mark }) };
}

interface Broken {
  readonly stem: string;
  /** `undefined` when only the sidecar knew it. */
  readonly key: string | undefined;
  readonly path: string;
  readonly mark: string | undefined;
}

function mend(records: SeenRecords, broken: Broken): boolean {
  const { quarantine } = records.site;
  const { stem, key, path, mark } = broken;
  if (markOf(path) !== mark) return false;
  const [value, ...others] = valuesOf(records, stem);
  // A JSON record needs no sidecar.
  if (value === undefined || (others.length === 0 && key !== undefined && value === `${stem}.json`)) {
    return quarantine.take(path, mark);
  }
  if (others.length === 0 && key !== undefined) return rewrite(records, broken, { key, file: value });
  // The values go first: without the sidecar, one of them would be found as a file placed by hand.
  for (const name of [value, ...others]) {
    const file = join(records.store.path, name);
    quarantine.take(file, markOf(file));
  }
  return quarantine.take(path, mark);
}

function valuesOf({ store, sidecars, served }: SeenRecords, stem: string): string[] {
  return listNames(store.path).filter((name) => {
    const isOthers = served.has(name) || sidecars.owners.has(name);
    return isValueNameOf(name, stem) && !isOthers && isFile(join(store.path, name));
  });
}

function rewrite(
  { site, store }: SeenRecords,
  { path, mark }: Broken,
  { key, file }: { key: string; file: string },
): boolean {
  if (!site.quarantine.keep(path, mark)) return false;
  const contentType = contentTypeOf(path, file);
  replaceFile(site.stores.temp.writeSync(JSON.stringify({ key, contentType, file }, null, 2)), path, store.durability);
  return true;
}

/** What the old sidecar says of the type counts if the name of the value does not speak against it. */
function contentTypeOf(sidecarPath: string, file: string): string {
  const stated = statedType(sidecarPath);
  const byName = file.includes('.') ? typeFor(file) : undefined;
  const isPlausible = byName === undefined || extensionFor(stated ?? '') === extname(file).slice(1);
  return (isPlausible ? stated : undefined) ?? byName ?? 'application/octet-stream';
}

function statedType(sidecarPath: string): string | undefined {
  try {
    const { contentType } = Object(JSON.parse(readDescriptionAt(sidecarPath))) as { contentType?: unknown };
    return typeof contentType === 'string' && parseContentType(contentType) ? contentType : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
