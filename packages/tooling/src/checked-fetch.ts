import { checkResponse, isBodyChecked } from '@kv/tooling/response-check';

const origins = new Set<string>();
const problems: string[] = [];
const { fetch: plainFetch } = globalThis;

/** Has every response of a server checked that comes to `fetch` of this process. */
export function checkResponsesOf(url: string): void {
  origins.add(new URL(url).origin);
  globalThis.fetch = checkedFetch;
}

/** Fails when something was wrong with responses since the last call. */
export function assertNoProblems(): void {
  const found = problems.splice(0);
  if (found.length > 0) throw new Error(`Not as Apify's document says:\n${found.join('\n')}`);
}

async function checkedFetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const response = await plainFetch(input, init);
  const { origin, pathname } = new URL(input instanceof Request ? input.url : input);
  if (!origins.has(origin)) return response;
  const method = (init?.method ?? (input instanceof Request ? input.method : 'GET')).toUpperCase();
  const answered = { method, path: pathname, status: response.status };
  // A copy of a body that nobody reads would hold up the other one.
  const copy = isBodyChecked(answered) ? response.clone() : undefined;
  problems.push(...(await checkResponse({ ...answered, json: async () => copy?.json() })));
  return response;
}
