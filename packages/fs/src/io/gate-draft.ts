import { markedName } from './process-mark.js';

const DRAFT = /\.([0-9a-f]{8}-\d+-[0-9a-f]{8}-[0-9a-z]+)$/;

/** Gives a path for the directory of a gate that is not in its place yet, or not any more. */
export function draftOf(gateDir: string): string {
  return `${gateDir}.${markedName()}`;
}

/** Gives the mark of whoever made a draft, by its name; `''` when it is none. */
export function markOfDraft(name: string): string {
  return DRAFT.exec(name)?.[1] ?? '';
}
