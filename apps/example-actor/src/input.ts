import { z } from 'zod';
import { resolveUrl } from './urls.ts';

const EXAMPLE = { startUrls: ['https://example.com/'], maxPages: 100, maxConcurrency: 5, sameHostOnly: true };

const startUrl = z.string().transform((text, context) => {
  const url = resolveUrl(text);
  if (url === null) context.issues.push({ code: 'custom', input: text });
  return url ?? z.NEVER;
});
const schema = z.strictObject({
  startUrls: z.array(startUrl).min(1),
  maxPages: z.int().min(1).default(EXAMPLE.maxPages),
  maxConcurrency: z.int().min(1).max(100).default(EXAMPLE.maxConcurrency),
  sameHostOnly: z.boolean().default(EXAMPLE.sameHostOnly),
});

const REMEDIES: Record<string, string> = {
  startUrls: 'give a list of one or more http or https URLs, such as ["https://example.com/"]',
  maxPages: 'give a whole number, 1 or more, or leave it out for 100',
  maxConcurrency: 'give a whole number from 1 to 100, or leave it out for 5',
  sameHostOnly: 'give true or false, or leave it out for true',
};

export type Input = z.infer<typeof schema>;

/** The error of an INPUT that cannot be used. Its message is for the person who wrote the INPUT. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

/**
 * Checks INPUT and fills in the defaults.
 *
 * @param file Where INPUT lies, for the message.
 * @throws InputError that names every bad field at once, what was found there, and what to do.
 */
export function parseInput(value: unknown, file: string): Input {
  if (value === null) {
    throw new InputError(
      `There is no INPUT. Put it into ${file}, for example:\n\n${JSON.stringify(EXAMPLE, null, 2)}\n`,
    );
  }
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const problems = result.error.issues.flatMap(describeIssue);
  const title = problems.length === 1 ? 'INPUT has a problem' : `INPUT has ${problems.length} problems`;
  throw new InputError(`${title}, to be mended in ${file}:\n${problems.map((line) => `  - ${line}`).join('\n')}`);
}

function describeIssue(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(schema.shape).join(', ');
    return issue.keys.map((key) => `${key}: there is no such field; the fields are ${known}`);
  }
  const [field = '', index] = issue.path;
  const name = index === undefined ? String(field) : `${String(field)}[${String(index)}]`;
  if (name === '') return [`found ${show(issue.input)}; INPUT is a JSON object, such as ${JSON.stringify(EXAMPLE)}`];
  return [`${name}: found ${show(issue.input)}; ${REMEDIES[String(field)]}`];
}

function show(value: unknown): string {
  const text = value === undefined ? 'nothing' : (JSON.stringify(value) ?? typeof value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
