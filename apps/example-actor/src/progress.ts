import { SingleBar } from 'cli-progress';
import type { Page } from './page.ts';

export interface Progress {
  /** Tells of one more page; `total` grows as links are found. What an earlier run has archived is not new. */
  page(page: Page, total: number, isNew: boolean): void;
  stop(): void;
}

/**
 * A bar on a terminal; elsewhere, such as in a log file, a line for each page.
 *
 * @param done Pages that are behind us already.
 */
export function startProgress(done: number): Progress {
  return process.stderr.isTTY ? startBar(done) : startLines(done);
}

function startBar(done: number): Progress {
  const bar = new SingleBar({
    format: '{bar} {value}/{total} pages  {status} {url}',
    barsize: 24,
    hideCursor: true,
    forceRedraw: true,
    barCompleteChar: '█',
    barIncompleteChar: '░',
  });
  bar.start(Math.max(1, done), done, { status: '', url: '' });
  const room = Math.max(10, process.stderr.columns - 60);
  return {
    page({ url, status, error }, total) {
      bar.setTotal(total);
      bar.increment(1, { status: status ?? error, url: url.length > room ? `…${url.slice(1 - room)}` : url });
    },
    stop: () => bar.stop(),
  };
}

function startLines(done: number): Progress {
  return {
    page({ url, status, error, timeMillis }, total, isNew) {
      done += 1;
      if (isNew) console.log(`${done}/${total}  ${error ?? status}  ${timeMillis} ms  ${url}`);
    },
    stop: () => undefined,
  };
}
