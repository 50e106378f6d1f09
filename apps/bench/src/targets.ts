import { table } from './measure.ts';

/** A promise about a measured number. */
export interface Target {
  readonly promise: string;
  readonly measured: string;
  /** `undefined` when it was not measured. */
  readonly isMet: boolean | undefined;
  /** What is known to stand in the way, from profiles. */
  readonly obstacle?: string | undefined;
}

/** Writes the part of a page that tells which targets are met, and of the others what stands in the way. */
export function targetsSection(targets: readonly Target[]): string {
  const met = targets.filter(({ isMet }) => isMet);
  return `## Targets

${met.length === targets.length ? 'All are met.' : `${met.length} of ${targets.length} are met.`}

${table(
  ['Promise', 'Measured', ''],
  targets.map(({ promise, measured, isMet }) => [promise, measured, verdict(isMet)]),
)}
${obstacles(targets)}`;
}

function verdict(isMet: boolean | undefined): string {
  if (isMet === undefined) return 'not measured';
  return isMet ? 'met' : '**not met**';
}

function obstacles(targets: readonly Target[]): string {
  const missed = targets.filter(({ isMet, obstacle }) => isMet === false && obstacle !== undefined);
  const groups = [...Map.groupBy(missed, ({ obstacle }) => obstacle)];
  const lines = groups.map(([obstacle, of]) => `- ${of.map(({ promise }) => promise).join('; ')}. ${obstacle}`);
  return lines.length > 0 ? `\nWhat stands in the way:\n\n${lines.join('\n')}\n` : '';
}
