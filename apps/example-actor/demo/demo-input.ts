import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DemoArguments } from './demo-arguments.ts';

const DEFAULT_PORT = 4173;

/** The port on which INPUT expects the bundled site; `undefined` when it asks for something else. */
export function findSitePort(input: unknown): number | undefined {
  const { startUrls } = Object(input) as { startUrls?: unknown };
  const urls = Array.isArray(startUrls) ? startUrls.map((url) => URL.parse(String(url))) : [];
  const url = urls.find((candidate) => candidate?.protocol === 'http:' && candidate.hostname === '127.0.0.1');
  return url ? Number(url.port || 80) : undefined;
}

/** Writes INPUT.json, or keeps the one that is there apart from what the arguments change. Returns what it holds. */
export function prepareInput(path: string, { port, changes }: DemoArguments): unknown {
  if (!existsSync(path)) {
    const input = { startUrls: [`http://127.0.0.1:${port ?? DEFAULT_PORT}/`], ...changes };
    writeJson(path, input);
    console.log(`INPUT: written to ${path}`);
    return input;
  }
  const input = readJson(path);
  const moved = port !== undefined && findSitePort(input) !== undefined;
  const updates = { ...(moved && { startUrls: [`http://127.0.0.1:${port}/`] }), ...changes };
  if (Object.keys(updates).length === 0) {
    console.log(`INPUT: ${path}, as it is. Delete the file to get the bundled site back.`);
    return input;
  }
  if (input === undefined) throw new SyntaxError(`${path} is not valid JSON, so the options cannot be put into it.`);
  writeJson(path, { ...Object(input), ...updates });
  console.log(`INPUT: ${path}, with ${Object.keys(updates).join(', ')} changed as given.`);
  return { ...Object(input), ...updates };
}

/** `undefined` when the file is not JSON: the actor, which reads it next, says where it is broken. */
function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** A kill leaves the old file or the new one, never half of it. */
function writeJson(path: string, value: unknown): void {
  mkdirSync(dirname(path), { recursive: true });
  const fresh = join(dirname(path), '../../INPUT.json.new');
  writeFileSync(fresh, `${JSON.stringify(value, null, 2)}\n`);
  renameSync(fresh, path);
}
