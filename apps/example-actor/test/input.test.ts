import { describe, expect, it } from 'vitest';
import { parseInput } from '../src/input.ts';

function messageOf(input: unknown): string {
  const result = parseInput(input);
  if (typeof result === 'string') return result;
  throw new Error('The input was accepted.');
}

describe('parseInput', () => {
  it('fills in the defaults and normalises the URLs', () => {
    expect(parseInput({ startUrls: ['HTTPS://me:secret@Example.com#top', 'http://127.0.0.1:4173'] })).toEqual({
      startUrls: ['https://example.com/', 'http://127.0.0.1:4173/'],
      maxPages: 100,
      maxConcurrency: 5,
      sameHostOnly: true,
    });
  });

  it('says where to put an INPUT that is missing, and what it looks like', () => {
    const message = messageOf(null);
    expect(message).toContain('There is no INPUT.');
    expect(message).toContain('key_value_stores/default/INPUT.json');
    expect(message).toContain('"startUrls": [');
  });

  it('names every bad field at once, with what was found and what to do', () => {
    const message = messageOf({
      startUrls: ['https://example.com', 'ftp://example.com', 7],
      maxPages: 0,
      maxConcurrency: 'many',
      sameHostOnly: 1,
      maxpages: 3,
    });
    expect(message.split('\n').slice(0, 8)).toEqual([
      'INPUT cannot be used:',
      expect.stringMatching(/^ {2}- startUrls\[1\]: found "ftp:\/\/example.com"; give a list of one or more http/),
      expect.stringMatching(/^ {2}- startUrls\[2\]: found 7; /),
      expect.stringMatching(/^ {2}- maxPages: found 0; give a whole number, 1 or more/),
      expect.stringMatching(/^ {2}- maxConcurrency: found "many"; give a whole number from 1 to 100/),
      expect.stringMatching(/^ {2}- sameHostOnly: found 1; give true or false/),
      expect.stringMatching(/^ {2}- Unrecognized key: "maxpages"/),
      expect.stringMatching(/^Put it into .*INPUT\.json\. For example:/),
    ]);
  });

  it.each([
    [{}, 'startUrls: found nothing; give a list'],
    [{ startUrls: [] }, 'startUrls: found []; give a list'],
    [{ startUrls: 'https://example.com' }, 'startUrls: found "https://example.com"; give a list'],
    [{ startUrls: [{ url: 'https://example.com' }] }, 'startUrls[0]: found {"url":"https://example.com"}'],
    [{ startUrls: ['https:example.com'] }, 'startUrls[0]: found "https:example.com"'],
    [{ startUrls: ['https://a.test'], maxPages: 1.5 }, 'maxPages: found 1.5;'],
    [{ startUrls: ['https://a.test'], maxPages: null }, 'maxPages: found null;'],
    [{ startUrls: ['https://a.test'], maxConcurrency: 101 }, 'maxConcurrency: found 101;'],
    ['https://example.com', 'expected object, received string'],
    [[], 'expected object, received array'],
  ])('refuses %j', (input, part) => {
    expect(messageOf(input)).toContain(part);
  });

  it('says it once, and does not repeat all of what is long', () => {
    const message = messageOf({ startUrls: 'x'.repeat(5000), maxPages: -0.5 });
    expect(message.match(/maxPages: found/g)).toHaveLength(1);
    expect(message.length).toBeLessThan(1000);
  });
});
