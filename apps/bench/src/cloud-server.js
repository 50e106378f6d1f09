import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/**
 * Starts `kv-server` over a directory in a process of its own, and waits until it listens.
 *
 * @param {string} dir
 * @param {string} token
 * @returns {Promise<{ url: string, end: () => Promise<void> }>}
 */
export async function startServerProcess(dir, token) {
  const bin = fileURLToPath(new URL('bin/kv-server.js', import.meta.resolve('@kv/server')));
  const args = [bin, '--dir', dir, '--port', '0', '--token', token, '--log', 'off'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  let said = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    said += chunk;
    const url = /http:\/\/\S+:\d+/.exec(said)?.[0];
    if (url === undefined) continue;
    const end = async () => {
      child.kill('SIGTERM');
      await exit;
    };
    return { url, end };
  }
  throw new Error(`kv-server ended: ${said}`);
}
