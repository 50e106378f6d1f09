import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/**
 * A server in a process of its own.
 *
 * @typedef {object} ServerProcess
 * @property {string} url
 * @property {number} pid
 * @property {() => Promise<void>} end
 */

/**
 * Starts a script in a process of its own, and waits until it says where it listens.
 *
 * @param {readonly string[]} args
 * @param {'inherit' | 'ignore'} [log] What becomes of its standard error.
 * @returns {Promise<ServerProcess>}
 */
export async function startProcess(args, log = 'inherit') {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', log] });
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
    return { url, pid: child.pid ?? 0, end };
  }
  throw new Error(`${args[0]} ended: ${said}`);
}

/**
 * Starts `kv-server` over a directory, without its log unless that is wanted; it goes nowhere then.
 *
 * @param {string} dir
 * @param {string} token
 * @param {boolean} [isLogging]
 */
export async function startServerProcess(dir, token, isLogging = false) {
  const bin = fileURLToPath(new URL('bin/kv-server.js', import.meta.resolve('@kv/server')));
  const args = [bin, '--dir', dir, '--port', '0', '--token', token];
  return isLogging ? startProcess(args, 'ignore') : startProcess([...args, '--log', 'off']);
}
