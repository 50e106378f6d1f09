import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { isKvError } from '@kv/core';
import { createBackend } from '../create-backend.js';
import { assertDirectoryExists } from '../doctor/assert-directory-exists.js';
import { doctor } from '../doctor/doctor.js';
import { formatReport, isOpen } from '../doctor/format-report.js';
import type { RestoreResult } from '../fs-backend.js';

const HELP = `Usage: kv-fs doctor DIR [--repair] [--json]
       kv-fs restore DIR [--json]

doctor looks for damage in the storage directory DIR, and explains what it finds.
restore brings back what the last purge has removed; what was written since stays.

  --repair  repair the damage; what cannot stay moves to DIR/.kv/quarantine
  --json    print the result as JSON
  --help    print this text

Exit codes: 0 nothing is wrong, 1 errors or warnings are left, 2 the command was not understood, or DIR is not there or cannot be read.
`;

const NOTHING_PURGED = `There is no purge to be undone.
(Records that a purge had to remove one by one, as in a store that is a link, cannot be brought back.)
`;

/** Where a command writes to. */
export interface CommandOutput {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** The options of a command line. */
interface Flags {
  readonly repair: boolean;
  readonly json: boolean;
}

/** Runs a command line, and returns the exit code. */
export async function runCommand(args: readonly string[], { out, err }: CommandOutput): Promise<number> {
  try {
    const { values, positionals } = parse(args);
    if (values.help) {
      out(HELP);
      return 0;
    }
    const [name, dir, ...rest] = positionals;
    const command = name === 'doctor' ? runDoctor : name === 'restore' && !values.repair ? runRestore : undefined;
    if (!command || dir === undefined || rest.length > 0) {
      err(HELP);
      return 2;
    }
    return await command(dir, values, out);
  } catch (error) {
    if (!isKvError(error) && !(error instanceof TypeError)) throw error;
    err(`${error.message}\n`);
    return 2;
  }
}

async function runDoctor(dir: string, { repair, json }: Flags, out: CommandOutput['out']): Promise<number> {
  const report = await doctor({ dir, repair });
  out(json ? toJson(report) : formatReport(report));
  return report.findings.some(isOpen) ? 1 : 0;
}

async function runRestore(dir: string, { json }: Flags, out: CommandOutput['out']): Promise<number> {
  assertDirectoryExists(resolve(dir));
  await using backend = createBackend({ dir });
  const results = await backend.restore();
  out(json ? toJson(results) : formatResults(results));
  return 0;
}

function formatResults(results: readonly RestoreResult[]): string {
  if (results.length === 0) return NOTHING_PURGED;
  return results
    .map(({ label, restored, skipped }) => {
      const count = `${restored} ${restored === 1 ? 'record' : 'records'} restored`;
      return `Store ${JSON.stringify(label)}: ${count}, ${skipped} not, because the store has newer ones or they are damaged.\n`;
    })
    .join('');
}

function toJson(result: unknown): string {
  return `${JSON.stringify(result, null, 2)}\n`;
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      repair: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
}
