import { z } from 'zod';
import { resolveUrl } from './urls.ts';

const EXAMPLE = { startUrls: ['https://example.com/'], maxPages: 100, maxConcurrency: 5, sameHostOnly: true };

const startUrl = z.url({ protocol: /^https?$/ }).transform((url) => resolveUrl(url) ?? url);
const schema = z.strictObject({
  startUrls: z.array(startUrl).min(1),
  maxPages: z.int().min(1).default(EXAMPLE.maxPages),
  maxConcurrency: z.int().min(1).max(100).default(EXAMPLE.maxConcurrency),
  sameHostOnly: z.boolean().default(EXAMPLE.sameHostOnly),
});
const REMEDIES: Partial<Record<PropertyKey, string>> = {
  startUrls: 'give a list of one or more http or https URLs, such as ["https://example.com/"]',
  maxPages: 'give a whole number, 1 or more, or leave it out for 100',
  maxConcurrency: 'give a whole number from 1 to 100, or leave it out for 5',
  sameHostOnly: 'give true or false, or leave it out for true',
};

export type Input = z.infer<typeof schema>;

/** Checks INPUT and fills in the defaults. When it cannot be used: a text that names every bad field at once. */
export function parseInput(value: unknown): Input | string {
  const result = schema.safeParse(value, { error: describeIssue });
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ message }) => `\n  - ${message}`);
  return `${value === null ? 'There is no INPUT.' : `INPUT cannot be used:${problems.join('')}`}
Put it into the default key-value store, on disk storage/key_value_stores/default/INPUT.json. For example:
${JSON.stringify(EXAMPLE, null, 2)}`;
}

/** What is wrong with a field, what was found there, and what to do; `undefined` leaves it to zod. */
function describeIssue({ path = [], input }: z.core.$ZodRawIssue): string | undefined {
  const remedy = REMEDIES[path[0] ?? ''];
  return remedy && `${z.core.toDotPath(path)}: found ${JSON.stringify(input)?.slice(0, 80) ?? 'nothing'}; ${remedy}`;
}
