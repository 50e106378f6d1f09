import { doctor } from '@kv/fs';
import type { DoctorFindingCode } from '@kv/fs';

/** What a process that is killed may leave, as the doctor calls it. None of it does any harm, and whoever comes next settles it. */
export const LEGAL_FINDINGS = [
  'temp-file',
  'trash',
  'unfinished-write',
  'store-moved',
  'metadata-missing',
] as const satisfies readonly DoctorFindingCode[];

/** How often the doctor has found something, by its code. */
export type FindingCounts = Readonly<Record<(typeof LEGAL_FINDINGS)[number], number>>;

/** Counts nothing yet. */
export const NO_FINDINGS: FindingCounts = {
  'temp-file': 0,
  trash: 0,
  'unfinished-write': 0,
  'store-moved': 0,
  'metadata-missing': 0,
};

/**
 * Has the doctor look at what a process has left that is no more, before anybody else does, and counts its findings.
 *
 * @throws Error when it finds anything that a kill may not leave.
 */
export async function leftFindings(dir: string): Promise<FindingCounts> {
  const { findings } = await doctor({ dir });
  const counts = { ...NO_FINDINGS };
  for (const { code, severity, message } of findings) {
    const legal = LEGAL_FINDINGS.find((other) => other === code);
    if (legal === undefined || severity !== 'info') throw new Error(`the doctor finds ${severity} ${code}: ${message}`);
    counts[legal] += 1;
  }
  return counts;
}

/** Adds up findings. */
export function addFindings(one: FindingCounts, other: FindingCounts): FindingCounts {
  const sums = LEGAL_FINDINGS.map((code) => [code, one[code] + other[code]] as const);
  return Object.fromEntries(sums) as Record<(typeof LEGAL_FINDINGS)[number], number>;
}
