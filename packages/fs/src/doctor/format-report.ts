import { relative } from 'node:path';
import type { DoctorFinding, DoctorReport } from './doctor-report.js';

/** Writes a report for people: the findings of each store, a line each, and what to do. */
export function formatReport(report: DoctorReport): string {
  const { dir, stores, records, findings, quarantine } = report;
  const groups = Map.groupBy(findings, ({ store }) => store);
  const lines = [...groups].flatMap(([store, found]) => [
    store === undefined ? dir : `Store "${store}"`,
    ...found.map((finding) => formatFinding(finding, dir)),
    '',
  ]);
  if (quarantine !== undefined) lines.push(`What was moved lies in ${quarantine}.`);
  return [...lines, `${count(stores, 'store')}, ${count(records, 'record')}: ${summary(findings)}.`, ''].join('\n');
}

/** Tells whether a finding still asks for something to be done. */
export function isOpen({ severity, isRepaired }: DoctorFinding): boolean {
  return severity !== 'info' && !isRepaired;
}

function formatFinding({ code, severity, key, path, message, remedy, isRepaired }: DoctorFinding, dir: string): string {
  const about = `${relative(dir, path)}${key === undefined ? '' : ` (key ${JSON.stringify(key)})`}`;
  const verb = isRepaired ? 'Repaired' : 'Repair';
  return `  ${severity.padEnd(7)} ${code}  ${about}: ${message} ${verb}: ${remedy}`;
}

function summary(findings: readonly DoctorFinding[]): string {
  if (findings.length === 0) return 'nothing found';
  const repaired = findings.filter(({ isRepaired }) => isRepaired).length;
  const parts = (['error', 'warning', 'info'] as const)
    .map((severity) => [severity, findings.filter((finding) => finding.severity === severity).length] as const)
    .filter(([, number]) => number > 0)
    .map(([severity, number]) => (severity === 'info' ? `${number} info` : count(number, severity)));
  return `${parts.join(', ')}; ${repaired} repaired`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
