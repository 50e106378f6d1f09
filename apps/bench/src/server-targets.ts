import type { Results } from './measure.ts';
import { CONNECTIONS } from './server-plan.ts';
import { BARE, PROMISES, SERVER, STORE } from './server-subjects.ts';
import type { Target } from './targets.ts';

const SHARE = 0.7;
const SPREAD = 5;
const MOST = Math.max(...CONNECTIONS);

/** Compares what was measured with what is promised. */
export function checkServerTargets(results: Results): readonly Target[] {
  return ['get of 1 KiB', 'set of 1 KiB'].flatMap((name) => [
    ...[STORE, PROMISES, BARE].flatMap((other) =>
      CONNECTIONS.map((connections) => shareTarget(results, `${name}-${connections}`, other)),
    ),
    spreadTarget(results, name),
  ]);
}

/** Gives how many requests a server answers for each one of another. */
export function shareOf(results: Results, row: string, subject: string, other: string = BARE): number {
  return results.median(`${row}-rate`, subject) / results.median(`${row}-rate`, other);
}

function shareTarget(results: Results, row: string, other: string): Target {
  const share = shareOf(results, row, SERVER, other);
  return {
    promise: `${row.replace(/-(\d+)$/, ', $1 at once')}: at least ${100 * SHARE} % of ${other}`,
    measured: `${Math.round(100 * share)} %`,
    isMet: share >= SHARE,
    obstacle:
      'This handler knows nobody, checks nothing, and sends two headers with a record where kv-server has twelve. The same one with all headers, and the one over `@kv/fs`, which turns a key into the name of a file, looks what kind of file there is and makes an ETag, are in the table below: each of the two takes a part of the 30 % that are left. A request that comes alone pays most for the rest, because nothing on its way is in the caches of the processor. [Decision 13](../../../docs/decisions/0013-what-the-server-is-measured-against.md) says more.',
  };
}

function spreadTarget(results: Results, name: string): Target {
  const [median, p99] = ['median', 'p99'].map((value) => results.median(`${name}-${MOST}-${value}`, SERVER));
  const spread = (p99 ?? Number.NaN) / (median ?? Number.NaN);
  return {
    promise: `${name}, ${MOST} at once: 99 of 100 within ${SPREAD} × the median`,
    measured: `${spread.toFixed(1)} ×`,
    isMet: spread < SPREAD,
  };
}
