import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Project } from './project.ts';

/** The token that the servers of the rehearsal take. */
export const TOKEN = 'rehearsal-token';

/** A `kv-server` that was installed from the registry. */
export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
}

/** Installs the server in a folder of its own, starts its command, and waits until it listens. */
export async function startServer(): Promise<ServerProcess> {
  const project = new Project();
  await project.type('npm install @kv/server');
  const bin = join(project.dir, 'node_modules/@kv/server/dist/bin/kv-server.js');
  const args = [bin, '--dir', './storage', '--port', '0', '--token', TOKEN, '--log', 'off'];
  const child = spawn(process.execPath, args, { cwd: project.dir, stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  let said = '';
  for await (const chunk of child.stdout.setEncoding('utf8') as AsyncIterable<string>) {
    said += chunk;
    const url = /http:\/\/\S+:\d+/.exec(said)?.[0];
    if (url === undefined) continue;
    const end = async (): Promise<void> => {
      child.kill();
      await exit;
    };
    return { url, [Symbol.asyncDispose]: end };
  }
  throw new Error(`kv-server ended: ${said}`);
}
