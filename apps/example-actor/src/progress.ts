import { SingleBar } from 'cli-progress';
import type { Page } from './page.ts';

export interface Progress {
  /** Tells of one more page. The total grows as links are found. */
  page(page: Page, newTotal: number): void;
  stop(): void;
}

/**
 * A bar on a terminal; elsewhere, such as in a log, now and then a line.
 *
 * @param done Pages that an earlier run has archived, of the `total` that it had found.
 */
export function startProgress(done: number, total: number): Progress {
  const { isTTY, columns } = process.stderr;
  const room = isTTY ? Math.max(10, columns - 60) : Infinity;
  const bar = new SingleBar({
    format: `${isTTY ? '{bar} ' : ''}{value} of {total} pages  {status} {url}`,
    barsize: 24,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    gracefulExit: true, // A terminal whose cursor stays hidden after Ctrl-C is no good.
    noTTYOutput: true,
    notTTYSchedule: 2000,
  });
  bar.start(total, done, { status: '', url: '' });
  return {
    page({ url, status, error }, newTotal) {
      bar.setTotal(newTotal);
      bar.increment({ status: error ?? status, url: url.length > room ? `…${url.slice(-room)}` : url });
    },
    stop: () => bar.stop(),
  };
}
