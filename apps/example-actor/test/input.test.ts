import { describe, expect, it } from 'vitest';
import { InputError, parseInput } from '../src/input.ts';

function messageOf(input: unknown): string {
  try {
    parseInput(input, 'storage/INPUT.json');
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  throw new Error('The input was accepted.');
}

describe('parseInput', () => {
  it('fills in the defaults and normalises the URLs', () => {
    expect(parseInput({ startUrls: ['HTTPS://Example.com#top'] }, 'INPUT.json')).toEqual({
      startUrls: ['https://example.com/'],
      maxPages: 100,
      maxConcurrency: 5,
      sameHostOnly: true,
    });
  });

  it('says where to put an INPUT that is missing, and what it looks like', () => {
    const message = messageOf(null);
    expect(message).toContain('storage/INPUT.json');
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
    expect(message.split('\n')).toEqual([
      'INPUT has 6 problems, to be mended in storage/INPUT.json:',
      expect.stringMatching(/^ {2}- startUrls\[1\]: found "ftp:\/\/example.com"; give a list of one or more http/),
      expect.stringMatching(/^ {2}- startUrls\[2\]: found 7; /),
      expect.stringMatching(/^ {2}- maxPages: found 0; give a whole number, 1 or more/),
      expect.stringMatching(/^ {2}- maxConcurrency: found "many"; give a whole number from 1 to 100/),
      expect.stringMatching(/^ {2}- sameHostOnly: found 1; give true or false/),
      expect.stringMatching(
        /^ {2}- maxpages: there is no such field; the fields are startUrls, maxPages, maxConcurrency, sameHostOnly/,
      ),
    ]);
  });

  it.each([
    [{}, 'startUrls: found nothing; give a list'],
    [{ startUrls: [] }, 'startUrls: found []; give a list'],
    [{ startUrls: 'https://example.com' }, 'startUrls: found "https://example.com"; give a list'],
    [{ startUrls: [{ url: 'https://example.com' }] }, 'startUrls[0]: found {"url":"https://example.com"}'],
    [{ startUrls: ['https://a.test'], maxPages: 1.5 }, 'maxPages: found 1.5;'],
    [{ startUrls: ['https://a.test'], maxConcurrency: 101 }, 'maxConcurrency: found 101;'],
    ['https://example.com', 'found "https://example.com"; INPUT is a JSON object'],
    [[], 'found []; INPUT is a JSON object'],
  ])('refuses %j', (input, part) => {
    expect(messageOf(input)).toContain(part);
  });
});
