import { openSync, readFileSync, writeSync } from 'node:fs';
import type { CrashOperation } from './crash-operation.ts';

/** What a child tells: that it begins an operation, or that the last one was acknowledged. */
export type JournalEntry = { readonly begin: CrashOperation } | { readonly done: string } | { readonly failed: string };

/** Opens a journal for writing. What a call has written survives the death of the process: the system has it. */
export function openJournal(path: string): (entry: JournalEntry) => void {
  const fd = openSync(path, 'a');
  return (entry) => void writeSync(fd, `${JSON.stringify(entry)}\n`);
}

/** Reads a journal whose writer is dead; half a line at its end says nothing. */
export function readJournal(path: string): JournalEntry[] {
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as JournalEntry);
}
