import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** What a program did. */
export interface ProgramRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Has the responses checked that come to a program. */
export const CHECK_RESPONSES: string = `--import=${join(import.meta.dirname, 'fixtures/check-responses.ts')}`;

/** Runs a program in a process of its own, with no other variables than those given. */
export async function runProgram(
  path: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<ProgramRun> {
  const child = spawn(process.execPath, [CHECK_RESPONSES, path], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', ...env },
  });
  const exit = once(child, 'exit') as Promise<[number | null]>;
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  return { code, stdout, stderr };
}
