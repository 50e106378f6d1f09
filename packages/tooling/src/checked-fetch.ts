import { DescriptionCheck } from '@kv/tooling/description-check';
import { checkResponse, isBodyChecked } from '@kv/tooling/response-check';

const descriptions = new Map<string, DescriptionCheck>();
const problems: string[] = [];
const { fetch: plainFetch } = globalThis;

/** Has every response of a server checked that comes to `fetch` of this process; asks the server for its document, if none is given. */
export async function checkResponsesOf(url: string, document?: object): Promise<void> {
  const { origin } = new URL(url);
  descriptions.set(origin, new DescriptionCheck(document ?? (await readDocument(origin))));
  globalThis.fetch = checkedFetch;
}

/** Fails when something was wrong with responses since the last call. */
export function assertNoProblems(): void {
  const found = problems.splice(0);
  if (found.length > 0) throw new Error(`Not as Apify's document or the server's own says:\n${found.join('\n')}`);
}

async function checkedFetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const response = await plainFetch(input, init);
  const { origin, pathname } = new URL(input instanceof Request ? input.url : input);
  const description = descriptions.get(origin);
  if (!description) return response;
  const method = (init?.method ?? (input instanceof Request ? input.method : 'GET')).toUpperCase();
  const { status, headers } = response;
  const answered = { method, path: pathname, status, headers };
  // A copy of a body that nobody reads would hold up the other one.
  const isRead = isBodyChecked(answered) || description.isBodyChecked(answered);
  const copy = isRead ? response.clone() : undefined;
  let body: Promise<unknown> | undefined;
  const json = async (): Promise<unknown> => (body ??= copy?.json());
  problems.push(...(await checkResponse({ ...answered, json })), ...(await description.check({ ...answered, json })));
  return response;
}

async function readDocument(origin: string): Promise<object> {
  const response = await plainFetch(`${origin}/v2/openapi.json`);
  return (await response.json()) as object;
}
