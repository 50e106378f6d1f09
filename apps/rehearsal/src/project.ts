import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { run, succeed } from '@kv/tooling/run-shell';
import type { CommandRun } from '@kv/tooling/run-shell';
import { inject } from 'vitest';

/** An empty folder of somebody who has a shell, npm, and the registry, and not this repository. */
export class Project {
  readonly dir: string;
  readonly #env: Readonly<Record<string, string>>;

  constructor(env: Readonly<Record<string, string>> = {}) {
    const rehearsal = inject('rehearsal');
    this.dir = mkdtempSync(join(rehearsal.dir, 'project-'));
    // Whichever Node the machine has, these tests run on one that the packages are for.
    const path = [dirname(process.execPath), process.env['PATH']].join(delimiter);
    this.#env = { ...rehearsal.env, PATH: path, ...env };
    // npm init would ask for nothing more.
    this.write('package.json', JSON.stringify({ private: true, type: 'module' }));
  }

  /** Writes a file. */
  write(path: string, content: string): void {
    const file = join(this.dir, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  /** Runs lines of the shell that may fail. */
  async run(command: string, env: Readonly<Record<string, string>> = {}): Promise<CommandRun> {
    return run(command, this.dir, { ...this.#env, ...env });
  }

  /** Runs lines of the shell that must succeed; gives their output. */
  async type(command: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
    return succeed(`set -e\n${command}`, this.dir, { ...this.#env, ...env });
  }
}
