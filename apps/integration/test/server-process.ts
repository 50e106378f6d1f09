import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { checkResponsesOf } from '@kv/tooling/checked-fetch';
import { TOKEN } from './start-server.js';

const BIN = new URL('bin/kv-server.js', import.meta.resolve('@kv/server'));

/** A server in a process of its own, over a directory. */
export class ServerProcess {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown>;

  private constructor(child: ChildProcess, url: string, exit: Promise<unknown>) {
    this.#child = child;
    this.url = url;
    this.#exit = exit;
  }

  /** Starts it, and waits until it listens. */
  static async start(dir: string, port = 0): Promise<ServerProcess> {
    const args = ['--dir', dir, '--port', String(port), '--token', TOKEN, '--log', 'off'];
    const child = spawn(process.execPath, [fileURLToPath(BIN), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exit = once(child, 'exit');
    let said = '';
    for await (const chunk of child.stdout.setEncoding('utf8') as AsyncIterable<string>) {
      said += chunk;
      const url = /http:\/\/\S+:\d+/.exec(said)?.[0];
      if (url === undefined) continue;
      await checkResponsesOf(url);
      return new ServerProcess(child, url, exit);
    }
    throw new Error(`kv-server ended: ${said}`);
  }

  /** The port that it got. */
  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** Ends it, and waits until it has ended. */
  async end(signal: NodeJS.Signals): Promise<void> {
    this.#child.kill(signal);
    await this.#exit;
  }
}
