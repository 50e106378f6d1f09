import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openStore } from './helpers.js';

const CALL =
  /^(?:access|faccessat2?|open(?:at2?)?|p?read(?:64|v)?|p?write(?:64|v)?|close|rename(?:at2?)?|link(?:at)?|unlink(?:at)?|mkdir(?:at)?|utimensat|fsync|[fl]?stat|newfstatat|statx|getdents(?:64)?|lseek)\(/;
const canTrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;

/** Gives the system calls on files, of the main thread, for a get or a set of each of 100 records. */
async function callsPer(operation: 'get' | 'set', prefix: string, records: number): Promise<number> {
  const { dir, path } = await openStore();
  for (let index = 0; index < records; index += 1) writeFileSync(join(path, `record-${index}.json`), '{}');
  return countCalls('count-calls', dir, [prefix, operation]);
}

/** Gives the system calls on files, of the main thread, for a look-up of a store by its id, one of many. */
async function callsPerLookUp(id: string, stores: number): Promise<number> {
  const { dir } = await openStore();
  for (let index = 0; index < stores; index += 1) {
    const path = join(dir, 'key_value_stores', `store-${index}`);
    mkdirSync(path);
    writeFileSync(join(path, '__metadata__.json'), JSON.stringify({ id: `id-${index}`, name: `store-${index}` }));
  }
  return countCalls('count-look-ups', dir, [id]);
}

/** Gives the system calls for one of the 100 operations between the marks of a fixture. */
function countCalls(fixture: string, dir: string, args: readonly string[]): number {
  const trace = join(dir, 'trace');
  const path = fileURLToPath(new URL(`fixtures/${fixture}.ts`, import.meta.url));
  execFileSync('strace', ['-o', trace, process.execPath, path, dir, join(dir, 'mark'), ...args]);
  const lines = readFileSync(trace, 'utf8').split('\n');
  const marks = ['begin', 'end'].map((mark) => lines.findIndex((line) => line.includes(`/mark-${mark}`)));
  const calls = lines.slice((marks[0] ?? 0) + 1, marks[1]).filter((line) => CALL.test(line));
  expect(marks).not.toContain(-1);
  return calls.length / 100;
}

describe.skipIf(!canTrace)('system calls (counted where strace is installed and allowed)', () => {
  it.each([100, 3000])('takes four to get a JSON record out of %i', async (records) => {
    expect(await callsPer('get', 'record', records)).toBeCloseTo(4, 1);
  });

  it.each([100, 3000])('takes five to set a JSON record in a store of %i', async (records) => {
    expect(await callsPer('set', 'record', records)).toBeCloseTo(5, 1);
    expect(await callsPer('set', 'new', records)).toBeCloseTo(5, 1);
  });

  // Now and then the process makes a call of its own in between, so these are numbers to one place.
  it.each([100, 3000])('takes one to find out that a record is not among %i', async (records) => {
    expect(await callsPer('get', 'absent', records)).toBeCloseTo(1, 1);
  });

  it('takes three to find out that a record is not among 12,000, too many to remember', async () => {
    expect(await callsPer('get', 'absent', 12_000)).toBeCloseTo(3, 1);
  });

  it.each(['absent', 'id-7'])('takes as few to look for the id %j among 2000 stores as among 100', async (id) => {
    const calls = await callsPerLookUp(id, 100);
    expect(calls).toBeLessThan(10);
    expect(await callsPerLookUp(id, 2000)).toBeCloseTo(calls, 1);
  });
});
