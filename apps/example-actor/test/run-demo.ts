import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Configuration, KeyValueStore } from '@kv/sdk';
import { afterAll } from 'vitest';

export interface DemoRun {
  process: ChildProcess;
  /** Exit code, or the signal that ended it, and everything printed. */
  ended: Promise<{ code: number | NodeJS.Signals | null; text: string }>;
}

const directories: string[] = [];
afterAll(() => directories.forEach((directory) => rmSync(directory, { recursive: true, force: true })));

/** An empty directory with a port of its own: where a demo runs. */
export class DemoPlace {
  readonly directory = mkdtempSync(join(tmpdir(), 'kv-demo-'));
  readonly storeDirectory = join(this.directory, 'storage/key_value_stores/default');
  readonly port: number;
  #config: Configuration | undefined;

  private constructor(port: number) {
    this.port = port;
  }

  static async make(): Promise<DemoPlace> {
    const place = new DemoPlace(await findFreePort());
    directories.push(place.directory);
    return place;
  }

  urlOf(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  /** Starts the demo. */
  start(args: string[] = [], env: Record<string, string> = {}): DemoRun {
    const demo = resolve(import.meta.dirname, '../demo/demo.ts');
    const child = spawn(process.execPath, [demo, ...args], {
      cwd: this.directory,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part) => (text += part));
    const ended = new Promise<Awaited<DemoRun['ended']>>((done, fail) => {
      child.on('error', fail).on('close', (code, signal) => done({ code: signal ?? code, text }));
    });
    return { process: child, ended };
  }

  /** Runs the bundled site's demo to its end and returns the paths that were fetched, in order. */
  async run(env: Record<string, string> = {}) {
    const accessLog = join(this.directory, `access-${Math.random()}.log`);
    const ended = await this.start(['--port', String(this.port)], { DEMO_ACCESS_LOG: accessLog, ...env }).ended;
    const log = existsSync(accessLog) ? readFileSync(accessLog, 'utf8') : '';
    return { ...ended, fetched: log.split('\n').filter(Boolean) };
  }

  /** Opens what the demo has stored as it is. */
  async openStore(): Promise<KeyValueStore> {
    this.#config ??= new Configuration({ storageDir: join(this.directory, 'storage'), purgeOnStart: false });
    return KeyValueStore.open(null, { config: this.#config });
  }
}

async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}
