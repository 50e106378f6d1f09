import { basename } from 'node:path';
import { markOf } from './problem.js';
import type { SyncProblem } from './problem.js';

/** Tells of a name that is not UTF-8: it stands for no store and no record, and nothing can be opened under it. */
export function unreadableNameProblem(path: string): SyncProblem | undefined {
  // In the place of its bytes, such a name has this character, under which there is nothing.
  if (!basename(path).includes('\uFFFD') || markOf(path) !== undefined) return undefined;
  return { code: 'unreadable-name', path, message: `${path} has a name that is not UTF-8: kv does not look at it.` };
}
