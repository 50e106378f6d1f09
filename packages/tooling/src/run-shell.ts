import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** The root of the repository. */
export const ROOT: string = join(import.meta.dirname, '../../..');

/** What a command did. */
export interface CommandRun {
  readonly exitCode: number | null;
  /** Standard output, and then the errors. */
  readonly output: string;
}

// What the scripts and tools around this test have set for themselves; a user's shell has none of it.
const FOREIGN =
  /^(npm_(?!config_registry|config_userconfig)|pnpm_|turbo_|vitest|node_(options|env|path)$|ci$|github_|kv_)/i;

/** Runs lines of the shell as a user would who types it, with the Node of these tests. */
export async function run(
  command: string,
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<CommandRun> {
  const own = Object.entries(process.env).filter(([name]) => !FOREIGN.test(name));
  const child = spawn('bash', ['-c', command], {
    cwd,
    env: { ...Object.fromEntries(own), ...env },
    // With a pipe of Node's, which is a socket, bash takes itself for a remote shell and runs what is in `.bashrc`.
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { exitCode: child.exitCode, output: stdout + stderr };
}

/** Runs a command that must succeed; gives its output. */
export async function succeed(...args: Parameters<typeof run>): Promise<string> {
  const { exitCode, output } = await run(...args);
  if (exitCode !== 0) throw new Error(`This ended with ${exitCode}: ${args[0]}\n${output}`);
  return output;
}
