import type { Results } from './measure.ts';
import { CONNECTIONS } from './server-plan.ts';
import { BARE, SERVER } from './server-subjects.ts';
import type { Target } from './targets.ts';

/** The requests that promises are made for. */
export const SMALL_REQUESTS: readonly string[] = ['get of 1 KiB', 'set of 1 KiB'];

const SHARE = 0.7;
const SPREAD = 5;
const MOST = Math.max(...CONNECTIONS);

/** Compares what was measured with what is promised. */
export function checkServerTargets(results: Results): readonly Target[] {
  return SMALL_REQUESTS.flatMap((name) => [
    ...CONNECTIONS.map((connections) => shareTarget(results, `${name}-${connections}`)),
    spreadTarget(results, name),
  ]);
}

/** Gives how many requests a server answers for each one of another. */
export function shareOf(results: Results, row: string, subject: string, other: string = BARE): number {
  return results.median(`${row}-rate`, subject) / results.median(`${row}-rate`, other);
}

function shareTarget(results: Results, row: string): Target {
  const share = shareOf(results, row, SERVER);
  return {
    promise: `${row.replace(/-(\d+)$/, ', $1 at once')}: at least ${100 * SHARE} % of ${BARE}`,
    measured: `${Math.round(100 * share)} %`,
    isMet: share >= SHARE,
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
