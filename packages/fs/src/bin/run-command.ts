import { parseArgs } from 'node:util';
import { isKvError } from '@kv/core';
import { doctor } from '../doctor/doctor.js';
import { formatReport, isOpen } from '../doctor/format-report.js';

const HELP = `Usage: kv-fs doctor DIR [--repair] [--json]

Looks for damage in the storage directory DIR, and explains what it finds.

  --repair  repair it; what cannot stay moves to DIR/.kv/quarantine
  --json    print the report as JSON
  --help    print this text

Exit codes: 0 nothing is wrong, 1 errors or warnings are left, 2 the command was not understood or DIR cannot be read.
`;

/** Where a command writes to. */
export interface CommandOutput {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** Runs a command line, and returns the exit code. */
export async function runCommand(args: readonly string[], { out, err }: CommandOutput): Promise<number> {
  try {
    const { values, positionals } = parse(args);
    if (values.help) {
      out(HELP);
      return 0;
    }
    const [command, dir, ...rest] = positionals;
    if (command !== 'doctor' || dir === undefined || rest.length > 0) {
      err(HELP);
      return 2;
    }
    const report = await doctor({ dir, repair: values.repair });
    out(values.json ? `${JSON.stringify(report, null, 2)}\n` : formatReport(report));
    return report.findings.some(isOpen) ? 1 : 0;
  } catch (error) {
    if (!isKvError(error) && !(error instanceof TypeError)) throw error;
    err(`${error.message}\n`);
    return 2;
  }
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
