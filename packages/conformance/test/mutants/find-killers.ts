import { describeKeyValueStoreBackend } from '@kv/conformance';
import type { ConformanceRunner } from '@kv/conformance';
import type { Mutant } from './mutant.ts';

/** A test of the suite, as a runner gets it. */
export interface CollectedTest {
  readonly id: string;
  readonly group: string;
  readonly run: (...contexts: unknown[]) => Promise<void>;
}

/** Where the backends of a test come from. */
export type MutantSource = Pick<Mutant, 'open' | 'reopen'>;

/** A case that takes longer than this waits for something that does not come. */
const PATIENCE_MS = 10_000;

/** Runs the suite on a backend, and gives the ids of the cases that fail: `most` of them at most. */
export async function findKillers(source: MutantSource, most: number): Promise<string[]> {
  const killers: string[] = [];
  for (const { id, group, run } of collectTests(source)) {
    // The largest cases take longer than all others together; they are for what nothing else has found.
    const isEnough = killers.length >= (group === 'volume' ? 1 : most);
    if (!isEnough && !(await passes(run))) killers.push(id);
  }
  return killers;
}

/** Takes the tests of the suite as a runner gets them. */
export function collectTests({ open, reopen }: MutantSource): CollectedTest[] {
  const tests: CollectedTest[] = [];
  let group = '';
  const runner: ConformanceRunner = {
    describe: (name, body) => {
      group = name;
      body();
    },
    it: (name, run) => void tests.push({ id: name.split(' ')[0] ?? '', group, run }),
  };
  describeKeyValueStoreBackend('mutant', { runner, open, reopen });
  return tests;
}

async function passes(run: CollectedTest['run']): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), PATIENCE_MS);
  });
  const outcome = run().then(
    () => true,
    () => false,
  );
  return Promise.race([outcome, patience]).finally(() => clearTimeout(timer));
}
