import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cpus, loadavg, totalmem, type } from 'node:os';
import { join } from 'node:path';

/** What one run of a child process has measured. */
export type Measurement = Readonly<Record<string, number>>;

/** How often everything is measured; medians of this many are told. */
export const ROUNDS: number = Number(process.env['BENCH_ROUNDS'] ?? 5);

/** Runs a script in a process of its own, and gives what it measured. */
export async function measure(script: string, args: readonly (string | number)[]): Promise<Measurement> {
  const child = fork(join(import.meta.dirname, script), args.map(String), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  let result: Measurement = {};
  child.once('message', (message: Measurement) => (result = message));
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`${script} ${args.join(' ')} ended with ${code}`);
  return result;
}

/** Collects measurements by name and subject, over all rounds. */
export class Results {
  readonly #values = new Map<string, number[]>();

  /** Adds what a subject's process measured; the names get a prefix. */
  add(subject: string, prefix: string, measurement: Measurement): void {
    for (const [name, value] of Object.entries(measurement)) {
      const id = `${prefix}${name} ${subject}`;
      this.#values.set(id, [...(this.#values.get(id) ?? []), value]);
    }
  }

  /** Gives the median of all rounds; NaN when nothing was measured. */
  median(name: string, subject: string): number {
    const values = this.#values.get(`${name} ${subject}`)?.toSorted((a, b) => a - b) ?? [];
    return values[Math.floor(values.length / 2)] ?? Number.NaN;
  }

  /** Gives the greatest value of all rounds. */
  max(name: string, subject: string): number {
    return Math.max(...(this.#values.get(`${name} ${subject}`) ?? [Number.NaN]));
  }
}

/** Says on what was measured, and how busy it was: a load beyond the number of cores makes every figure worse. */
export function conditions(): string {
  const memory = Math.round(totalmem() / 1024 ** 3);
  const load = loadavg()[2]?.toFixed(1) ?? 'unknown';
  return `Node ${process.version}, ${type()}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${memory} GiB, load average ${load}`;
}

/** Writes a table in Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Writes a table in Markdown as the formatter of this repository would, and ends it with a line break. */
export function alignedTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, index) => Math.max(...[head, ...rows].map((cells) => cells[index]?.length ?? 0)));
  const pad = (cells: readonly string[], fill: string): readonly string[] =>
    cells.map((cell, index) => cell.padEnd(widths[index] ?? 0, fill));
  const [first = '', , ...rest] = table(
    pad(head, ' '),
    rows.map((cells) => pad(cells, ' ')),
  ).split('\n');
  const line = `| ${pad(
    head.map(() => ''),
    '-',
  ).join(' | ')} |`;
  return `${[first, line, ...rest].join('\n')}\n`;
}
