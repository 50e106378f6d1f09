import type { Results } from './measure.ts';
import { CONNECTIONS } from './server-plan.ts';
import { BARE, PROMISES, SERVER } from './server-subjects.ts';
import type { Target } from './targets.ts';

const SHARE = 0.7;
const SPREAD = 5;
const MOST = Math.max(...CONNECTIONS);

/** Compares what was measured with what is promised. */
export function checkServerTargets(results: Results): readonly Target[] {
  return ['get of 1 KiB', 'set of 1 KiB'].flatMap((name) => [
    ...[PROMISES, BARE].flatMap((other) =>
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
      'This handler answers from synchronous calls, knows nobody and checks nothing. By a profile of the processor during gets, 64 at once, kv-server spends a sixth of its time in the call that sends the answer, a tenth in calls on files (the look for a sidecar is one more), an eighth in headers and streams of Node, and the rest on routes, token, rights, ETag, metrics, log and garbage, none of which takes more than 4 %. An answer of Hono with the same headers, without file, token and log, takes as long as all that this handler does.',
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
