import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fsPage } from './fs-page.ts';
import { isListed, LIST_SIZES, OPEN_SIZE, recordsOf, STREAM_BYTES } from './fs-plan.ts';
import { checkTargets } from './fs-targets.ts';
import { measure, Results, ROUNDS } from './measure.ts';
import { RECORD_SUBJECTS } from './record-subjects.js';
import { measureStreams } from './streams.ts';

// The listings of a plain directory of `KEY.json` need only one of them.
const SHARED = new Set(['@kv/fs', '@kv/sdk', 'raw sync', 'raw promises']);

/** Measures `@kv/fs` beside its peers and Node's own calls. Writes results/fs.md. */
export async function benchFs(): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'kv-bench-'));
  const results = new Results();
  let page = '';
  try {
    const prepared = await prepare(root);
    for (let round = 1; round <= ROUNDS; round += 1) {
      // All subjects in each round, so that the drift of a shared machine meets them alike.
      await measureRound(results, root, prepared);
      await measureStreams(results, STREAM_BYTES);
      console.log(`round ${round} of ${ROUNDS} done`);
      // A run that is cut short has measured something, too.
      page = fsPage(results, checkTargets(results), round);
      writeFileSync(join(import.meta.dirname, '../results/fs.md'), page);
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  console.log(page);
}

/** Makes the stores that are listed and opened, and gives the directory of a subject's store of some size. */
async function prepare(root: string): Promise<(subject: string, count: number) => string> {
  const dirOf = (subject: string, count: number): string =>
    join(root, `${SHARED.has(subject) ? 'files' : subject.replace('/', '-')}-${count}`);
  const made = new Set<string>();
  const make = async (subject: string, count: number): Promise<void> => {
    const dir = dirOf(subject, count);
    if (made.has(dir)) return;
    made.add(dir);
    await measure('record-once.js', ['prepare', subject, dir, count]);
  };
  for (const count of LIST_SIZES) {
    for (const subject of Object.keys(RECORD_SUBJECTS)) if (isListed(subject, count)) await make(subject, count);
  }
  await make('@kv/fs', OPEN_SIZE);
  await make('@kv/fs', 0);
  console.log('stores prepared');
  return dirOf;
}

async function measureRound(
  results: Results,
  root: string,
  dirOf: (subject: string, count: number) => string,
): Promise<void> {
  const run = async (task: string, subject: string, dir: string, count = 0, prefix = ''): Promise<void> =>
    results.add(subject, prefix, await measure('record-once.js', [task, subject, dir, count]));
  for (const subject of Object.keys(RECORD_SUBJECTS)) {
    const dir = mkdtempSync(join(root, 'small-'));
    await run('small', subject, dir, recordsOf(subject));
    rmSync(dir, { recursive: true });
  }
  for (const count of LIST_SIZES) {
    for (const subject of Object.keys(RECORD_SUBJECTS)) {
      if (!isListed(subject, count)) continue;
      // Who comes first must not be the one who waits for the disk.
      await measure('record-once.js', ['touch', subject, dirOf(subject, count)]);
      await run('list', subject, dirOf(subject, count), count, `${count}-`);
    }
  }
  for (const count of [0, OPEN_SIZE]) await run('open', '@kv/fs', dirOf('@kv/fs', count), count, `${count}-`);
  const dir = mkdtempSync(join(root, 'large-'));
  await run('delay', '@kv/fs', dir);
  rmSync(dir, { recursive: true });
  results.add('process', 'idle-', await measure('stream-once.js', ['raw pipeline', 'idle', root, 0]));
}
