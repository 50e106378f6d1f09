import { rmdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isKvError } from '@kv/core';
import { markOfDraft } from '../io/gate-draft.js';
import { listNames } from '../io/list-names.js';
import { makerOf } from '../io/process-mark.js';
import { isLeftBehind } from '../io/temp-files.js';
import { fileKind } from './file-kind.js';
import type { Problem, SyncProblem } from './problem.js';
import type { Site } from './site.js';

const HELD = 'held-';

/** Looks at what lies in `{dir}/.kv`: temp files, gates that nobody opens any more, and the trash. */
export function lookAtTempFiles(site: Site): Problem[] {
  const { root, gatesDir, stores } = site;
  const { creationDir } = stores.metadata;
  const kv = join(root, '.kv');
  const trash = join(kv, 'trash');
  const gates = namesIn(gatesDir);
  const passages = [...gates.map((gate) => join(gatesDir, gate)), creationDir].flatMap((gate) => {
    return namesIn(gate).map((name) => join(gate, name));
  });
  const temps = [join(kv, 'tmp'), ...passages].flatMap((dir) => {
    return namesIn(dir).map((name) => tempProblem(join(dir, name), name));
  });
  // A gate comes into being under the name of its maker.
  const drafts = [
    ...gates.map((name) => tempProblem(join(gatesDir, name), stores.gates.markOfDraft(name))),
    ...namesIn(kv).map((name) => tempProblem(join(kv, name), markOfDraft(name))),
  ];
  const held = gates.flatMap((gate) => heldGates(site, gate));
  return [...temps, ...drafts, ...held, ...namesIn(trash).map((name) => trashProblem(join(trash, name)))].filter(
    (problem) => problem !== undefined,
  );
}

/** Says whose temp file it is; `undefined` when it is none, or gone. */
export function tempProblem(path: string, name: string): SyncProblem | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  // A purge that was stopped keeps records beside the temp files.
  if (!stats || makerOf(name) === undefined) return undefined;
  const about = `${path}, a temp file of process ${name.split('-')[1]}, last written ${stats.mtime.toISOString()},`;
  if (!isLeftBehind(name, path)) {
    return { code: 'live-temp-file', path, message: `${about} is in use, or may be so on another machine.` };
  }
  const repair = (): boolean => {
    if (!isLeftBehind(name, path)) return false;
    rmSync(path, { force: true, recursive: true });
    return true;
  };
  return { code: 'temp-file', path, message: `${about} was left behind.`, repair };
}

/** Whoever comes next to such a gate ends what its holder has begun. */
function heldGates(site: Site, gate: string): Problem[] {
  const names = namesIn(join(site.gatesDir, gate));
  return names
    .filter((name) => /^(held|next)-/.test(name) && makerOf(name.slice(HELD.length)) === 'dead')
    .map((name) => {
      const path = join(site.gatesDir, gate, name);
      const message = `A process that is no more has stopped while it was changing the store of ${gate}.`;
      // Beside an open gate it is a directory that nothing was brought into any more.
      const repair = names.includes('tmp') ? () => removeEmpty(path) : async () => release(site, gate);
      return { code: 'unfinished-write', path, message, repair };
    });
}

/** Opens a gate; that of a store which is gone goes as well. */
async function release({ stores, signal }: Site, gate: string): Promise<boolean> {
  try {
    return await stores.gates.at(gate).hold(signal, () => true);
  } catch (error) {
    if (isKvError(error, 'KV_STORAGE_NOT_FOUND')) return true;
    throw error;
  }
}

function removeEmpty(path: string): boolean {
  rmdirSync(path);
  return true;
}

function trashProblem(path: string): Problem {
  return { code: 'trash', path, message: `${path} was dropped or purged; it can be restored, or will be deleted.` };
}

function namesIn(dir: string): string[] {
  return fileKind(dir) === 'directory' ? listNames(dir) : [];
}
