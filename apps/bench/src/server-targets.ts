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
      'This handler answers from synchronous calls, knows nobody and checks nothing. The handler over `@kv/fs` itself, which has to look what kind of file there is and to make an ETag, is the most that any server over that store can come to. Of what kv-server needs besides, nothing stands out: by a profile of a process without a network, a read of 1 KiB takes it 29 µs, of which 12 are `@kv/fs`, 4 the request and response of Node, 3 Hono and its adapter, 4 log and metrics, 3 the writing of headers, and 3 token, rights and conditions. Under load, each of these takes twice as long. [Decision 13](../../../docs/decisions/0013-what-the-server-is-measured-against.md) says more.',
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
