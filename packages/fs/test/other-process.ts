import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { markedName } from '../src/io/process-mark.js';

/** Process ids of one that lives, and is not this one, and of one that is no more. */
export const PARENT = process.ppid;
export const DEAD = 4_194_303;

/** Makes a name as another process of this machine would. */
export function nameOf(pid: number, count = 1): string {
  const [host = ''] = markedName().split('-');
  return `${host}-${pid}-0123abcd-${count}`;
}

/** A purge of a store by another process that lives. */
export interface OtherPurge {
  /** Says that the gate has the store. */
  readonly mark: string;
  /** Takes the store out of its place. */
  readonly begin: () => void;
  /** Puts it back: a purge that keeps everything. */
  readonly end: () => void;
}

/** Makes the steps of a purge for a test to take. */
export function otherPurge(dir: string, place: string, id: string): OtherPurge {
  const gate = join(dir, '.kv', 'stores', `${place}@${id}`);
  const held = join(gate, `held-${nameOf(PARENT)}`);
  const path = join(dir, 'key_value_stores', place);
  const mark = join(dir, '.kv', 'swaps', `${place}@${id}`);
  return {
    mark,
    begin() {
      if (!existsSync(gate)) mkdirSync(join(gate, 'tmp'), { recursive: true });
      renameSync(join(gate, 'tmp'), held);
      mkdirSync(mark, { recursive: true });
      renameSync(path, join(held, `old@${place}`));
    },
    end() {
      renameSync(join(held, `old@${place}`), path);
      rmSync(mark, { recursive: true });
      renameSync(held, join(gate, 'tmp'));
    },
  };
}
