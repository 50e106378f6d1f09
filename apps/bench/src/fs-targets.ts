import type { Results } from './measure.ts';
import type { Target } from './targets.ts';

const KV = '@kv/fs';
const CRAWLEE = '@crawlee/memory-storage';
const RAW = 'raw promises';

/** Compares what was measured with what is promised. */
export function checkTargets(results: Results): readonly Target[] {
  return [...recordTargets(results), ...listTargets(results), ...openTargets(results), ...streamTargets(results)];
}

function recordTargets(results: Results): Target[] {
  const { ratio, atMost, faster } = comparing(results);
  return [
    faster('set', 'set', 10),
    atMost('set: at most 0.35 × the promises of Node', ratio('set', KV, RAW), 0.35),
    faster('get', 'get', 20),
    atMost('get: at most 0.12 × `fs.promises.readFile`', ratio('get', KV, RAW), 0.12),
    faster('set, 32 at once', 'set32', 5),
    atMost('set, 32 at once: faster than the promises of Node', ratio('set32', KV, RAW), 1),
    {
      ...faster('get, 32 at once', 'get32', 10),
      obstacle:
        'A get is synchronous, so it takes as long as one at a time: half of it are four system calls, the rest the key, the path, the promise and garbage. The peer gains from 32 at once, because its threads work side by side.',
    },
    atMost('get, 32 at once: faster than the promises of Node', ratio('get32', KV, RAW), 1),
    {
      ...atMost(
        'get of an absent key: no slower than of a present one',
        results.median('absent', KV) / results.median('get', KV),
        1,
      ),
      obstacle:
        'A key is known to be absent once the directory was read, which waits until it has been at rest for 60 ms. Up to then, 25 names are looked for.',
    },
    faster('listing of 10,000 keys', '10000-list', 100),
  ];
}

function listTargets(results: Results): Target[] {
  const { ratio, atMost } = comparing(results);
  const perKey = (count: number): number => results.median(`${count}-list`, KV) / count;
  return [
    atMost(
      'listing of 100,000 keys: at most 1.4 × `readdir` and a `stat` each',
      ratio('100000-list', KV, 'raw sync'),
      1.4,
    ),
    {
      ...atMost(
        'first 1,000 of 100,000 keys: at most 1.3 × `readdir`, sort and 1,000 `stat`s',
        ratio('100000-page', KV, 'raw sync'),
        1.3,
      ),
      obstacle:
        '`readdir` and the strings of its names take some 80 ms, in both. On top come 15 ms for looking at each name and its order, in a process that has compiled nothing yet; and `readdir` runs on a thread here, which has to wait for a core where others are busy.',
    },
    atMost('listing, per key: at 1,000,000 at most 1.5 × that at 1,000', perKey(1_000_000) / perKey(1000), 1.5),
  ];
}

function openTargets(results: Results): Target[] {
  const { within } = comparing(results);
  const difference = (name: string): number => results.median(`150000-${name}`, KV) - results.median(`0-${name}`, KV);
  return [
    within('opening 150,000 records and getting one: at most 5 ms over an empty store', difference('open'), 5, 'ms'),
    within(
      'opening 150,000 records and getting one: at most 5 MiB over an empty store',
      difference('openMib'),
      5,
      'MiB',
    ),
    ...delayTargets(results),
  ];
}

const DELAYS: Readonly<Record<string, string>> = {
  setDelay: 'set',
  overwriteDelay: 'set over another',
  getDelay: 'get',
  deleteDelay: 'deleted',
};

function delayTargets(results: Results): Target[] {
  const { within } = comparing(results);
  return Object.entries(DELAYS).map(([name, what]) => ({
    ...within(`a value of 256 MiB, ${what}: blocks for at most 20 ms`, results.median(name, KV), 20, 'ms'),
    obstacle:
      'Without the time in which the process waits for a core, it is held for 2 to 4 ms; 10 with the first value, when streams are compiled. Beyond that is the garbage collector, which 256 MiB set to work; and where a value replaces another, the kernel, which in threads of this process gives the new file its place on the disk and frees that of the old one. `fs.promises` and a process that does nothing are told below.',
  }));
}

function streamTargets(results: Results): Target[] {
  const { atMost, within } = comparing(results);
  const ratio = (direction: string): number =>
    results.median(`${direction}-millis`, 'kv') / results.median(`${direction}-millis`, 'raw pipeline');
  const peak = (direction: string): number =>
    results.median(`${direction}-peakMib`, 'kv') - results.median('idle-peakMib', 'process');
  return [
    atMost('stream in: at most 1 / 0.9 of the time of a plain `pipeline`', ratio('in'), 1 / 0.9),
    atMost('stream out: at most 1 / 0.9 of the time of a plain `pipeline`', ratio('out'), 1 / 0.9),
    within('stream in: peak memory at most 40 MiB over an idle process', peak('in'), 40, 'MiB'),
    within('stream out: peak memory at most 80 MiB over an idle process', peak('out'), 80, 'MiB'),
  ];
}

interface Comparison {
  /** How many times as long as the other a subject takes. */
  readonly ratio: (name: string, subject: string, other: string) => number;
  /** Promises to be so many times faster than the peer. */
  readonly faster: (what: string, name: string, factor: number) => Target;
  readonly atMost: (promise: string, value: number, limit: number) => Target;
  readonly within: (promise: string, value: number, limit: number, unit: string) => Target;
}

function comparing(results: Results): Comparison {
  const ratio = (name: string, subject: string, other: string): number =>
    results.median(name, subject) / results.median(name, other);
  return {
    ratio,
    faster: (what, name, factor) => {
      const value = ratio(name, CRAWLEE, KV);
      return target(
        `${what}: at least ${factor} × faster than ${CRAWLEE}`,
        value,
        `${value.toFixed(1)} ×`,
        value >= factor,
      );
    },
    atMost: (promise, value, limit) => target(promise, value, `${value.toFixed(2)} ×`, value <= limit),
    within: (promise, value, limit, unit) => target(promise, value, `${value.toFixed(1)} ${unit}`, value <= limit),
  };
}

function target(promise: string, value: number, measured: string, isMet: boolean): Target {
  return Number.isNaN(value) ? { promise, measured: '–', isMet: undefined } : { promise, measured, isMet };
}
