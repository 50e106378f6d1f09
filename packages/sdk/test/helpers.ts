import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { onTestFinished, vi } from 'vitest';
import type { MockInstance } from 'vitest';
import { Configuration, KeyValueStore } from '../src/index.js';
import type { ConfigurationOptions } from '../src/index.js';

/** Makes a directory for one test. */
export function tempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'kv-sdk-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Clears what the machine has set, and sets variables for one test. */
export function setEnv(variables: Readonly<Record<string, string>> = {}): void {
  for (const name of Object.keys(process.env)) {
    if (/^(KV|ACTOR|APIFY|CRAWLEE)_/.test(name)) vi.stubEnv(name, undefined);
  }
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
}

/** Catches what is said to the person who runs the program. */
export function catchLog(): MockInstance<typeof console.error> {
  const spy = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  onTestFinished(() => spy.mockRestore());
  return spy;
}

/** Opens the default store of a fresh directory. */
export async function openStore(
  options: ConfigurationOptions = {},
): Promise<{ store: KeyValueStore; config: Configuration; dir: string }> {
  setEnv();
  catchLog();
  const dir = options.storageDir ?? tempDir();
  const config = new Configuration({ storageDir: dir, ...options });
  return { store: await KeyValueStore.open(null, { config }), config, dir };
}

export interface ProgramResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly dir: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Is called with each text on standard output, to kill the program at a certain point. */
  readonly onOutput?: (output: string, kill: (signal: NodeJS.Signals) => void) => void;
}

/** Runs a program in a process of its own, in a directory of its own. `Actor` and `KeyValueStore` are imported. */
export async function runProgram(source: string, { dir, env = {}, onOutput }: RunOptions): Promise<ProgramResult> {
  const path = join(dir, 'program.mjs');
  const sdk = pathToFileURL(join(import.meta.dirname, '../dist/index.js')).href;
  writeFileSync(
    path,
    `import { Actor, Configuration, KeyValueStore, isKvError } from ${JSON.stringify(sdk)};\n${source}`,
  );
  const child = spawn(process.execPath, [path], { cwd: dir, env: { PATH: process.env['PATH'] ?? '', ...env } });
  child.stdout.on('data', (chunk: Buffer) => onOutput?.(chunk.toString(), (signal) => void child.kill(signal)));
  const ended = new Promise<Pick<ProgramResult, 'code' | 'signal'>>((resolve) => {
    child.on('exit', (code, signal) => resolve({ code, signal }));
  });
  const [stdout, stderr, end] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { stdout, stderr, ...end };
}
