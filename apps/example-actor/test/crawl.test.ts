import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { crawl, type Frontier } from '../src/crawl.ts';
import type { Input } from '../src/input.ts';

/** A site where each page links to the next three, and to itself. */
const linksOf = (url: string) => [0, 1, 2, 3].map((step) => String(Number(url) + step));

function setUp(visit = async (url: string) => linksOf(url)) {
  const visited: string[] = [];
  const frontier: Frontier = { input: '', urls: [], searched: 0 };
  const run = (changes: Partial<Input> = {}) => {
    const input = { startUrls: ['1'], maxPages: 10, maxConcurrency: 3, sameHostOnly: true, ...changes };
    return crawl(input, frontier, async (url) => {
      visited.push(url);
      return visit(url);
    });
  };
  return { frontier, visited, run };
}

describe('crawl', () => {
  it('visits each page once, up to maxPages', async () => {
    const { visited, run } = setUp();
    await run();
    expect(visited.toSorted((a, b) => Number(a) - Number(b))).toEqual([
      '1',
      '2',
      '3',
      '4',
      '5',
      '6',
      '7',
      '8',
      '9',
      '10',
    ]);
  });

  it('finds the same pages whichever answer comes first', async () => {
    const ordered = setUp(async (url) => [`${url}a`, `${url}b`, `${url}c`]);
    await ordered.run({ maxConcurrency: 1 });
    for (let round = 0; round < 5; round += 1) {
      const shuffled = setUp(async (url) => {
        await delay(Math.random() * 8);
        return [`${url}a`, `${url}b`, `${url}c`];
      });
      await shuffled.run();
      expect(shuffled.frontier.urls).toEqual(ordered.frontier.urls);
    }
  });

  it('goes on from any state that it ever had', async () => {
    const whole = setUp();
    await whole.run();
    const states: string[] = [];
    const watched = setUp(async (url) => {
      states.push(JSON.stringify(watched.frontier));
      return linksOf(url);
    });
    await watched.run();
    for (const state of states) {
      const resumed = setUp();
      Object.assign(resumed.frontier, JSON.parse(state));
      await resumed.run();
      expect(resumed.frontier.searched).toBe(10);
      expect(resumed.frontier.urls).toEqual(whole.frontier.urls);
      expect(new Set(resumed.visited).size).toBe(resumed.visited.length);
    }
  });

  it('keeps to maxConcurrency', async () => {
    let now = 0;
    let most = 0;
    const { run } = setUp(async (url) => {
      most = Math.max(most, ++now);
      await delay(2);
      now -= 1;
      return linksOf(url);
    });
    await run({ maxPages: 30 });
    expect(most).toBe(3);
  });

  it('does not wait for a slow page before it fetches those found after it', async () => {
    const { visited, run } = setUp(async (url) => {
      if (url === '2') await delay(100);
      if (url === '2') expect(visited).toHaveLength(24);
      return url === '1' ? Array.from({ length: 23 }, (_, index) => String(index + 2)) : [];
    });
    await run({ maxPages: 100 });
    expect(visited).toHaveLength(24);
  });

  it('ends at the first failure', async () => {
    const { visited, run } = setUp(async (url) => {
      await delay(1);
      if (url === '2') throw new Error('disk full');
      return linksOf(url);
    });
    await expect(run({ maxPages: 1000 })).rejects.toThrow('disk full');
    await delay(30);
    expect(visited.length).toBeLessThan(10);
  });
});
