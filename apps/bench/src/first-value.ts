import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

// A platform that this runs on is none of the programs' business.
const FOREIGN = /^(KV|ACTOR|APIFY|CRAWLEE|NODE)_/;

/** Runs `main.mjs` in a folder, which writes something to `fd` 3 and ends; gives what it wrote and after how many milliseconds. */
export async function timeFirstValue(dir: string, args: readonly string[] = ['main.mjs']): Promise<[string, number]> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !FOREIGN.test(name)));
  const started = performance.now();
  const child = spawn(process.execPath, [...args], { cwd: dir, env, stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const pipe = child.stdio[3] as Readable;
  let millis = 0;
  pipe.once('data', () => (millis = performance.now() - started));
  const [written] = await Promise.all([text(pipe), once(child, 'exit')]);
  if (child.exitCode !== 0) throw new Error(`${join(dir, 'main.mjs')} ended with ${child.exitCode}: ${written}`);
  return [written, millis];
}

/** Gives the files that `main.mjs` in a folder has loaded when it ends. */
export async function loadedFiles(dir: string): Promise<readonly string[]> {
  const hook = pathToFileURL(join(import.meta.dirname, 'list-loaded.js')).href;
  await timeFirstValue(dir, ['--import', hook, 'main.mjs']);
  return readFileSync(join(dir, 'loaded.txt'), 'utf8').split('\n');
}
