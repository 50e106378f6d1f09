import type { Target } from './fs-targets.ts';
import type { Results } from './measure.ts';
import { CONNECTIONS } from './server-plan.ts';
import { BARE, SERVER } from './server-subjects.ts';

const SHARE = 0.7;
const SPREAD = 5;
const MOST = Math.max(...CONNECTIONS);

/** Compares what was measured with what is promised. */
export function checkServerTargets(results: Results): readonly Target[] {
  return ['get of 1 KiB', 'set of 1 KiB'].flatMap((name) => [
    ...CONNECTIONS.map((connections) => shareTarget(results, name, connections)),
    spreadTarget(results, name),
  ]);
}

/** Gives how many requests a server answers for each one of the bare handler. */
export function shareOf(results: Results, name: string, subject: string): number {
  return results.median(`${name}-rate`, subject) / results.median(`${name}-rate`, BARE);
}

function shareTarget(results: Results, name: string, connections: number): Target {
  const share = shareOf(results, `${name}-${connections}`, SERVER);
  return {
    promise: `${name}, ${connections} at once: at least ${100 * SHARE} % of the bare handler`,
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
