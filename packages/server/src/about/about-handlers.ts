import type { ApiContext } from '../http/api-context.js';
import { publicUrl } from '../http/public-url.js';
import { respond, respondJson } from '../http/respond.js';

/** `GET /`: says what this is, and what a client may ask for beyond Apify's API. */
export function getAbout(c: ApiContext): Response {
  const { conditionalWrites } = c.get('server').capabilities;
  return respondJson(c, {
    name: 'kv-server',
    description: "Apify's storage API over a backend of your own: key-value stores.",
    capabilities: { conditionalWrites, numberedWrites: true },
    api: publicUrl(c, ''),
    openapi: publicUrl(c, '/openapi.json'),
    documentation: 'https://github.com/kv-storage/kv/tree/main/packages/server#readme',
  });
}

/** `GET /metrics`: for Prometheus. The figures are of all users. */
export async function getMetrics(c: ApiContext): Promise<Response> {
  const { body, contentType } = await c.get('server').metrics.page();
  return respond(c, body, { headers: { 'Content-Type': contentType } });
}

/** `GET /health`: whether the place where the data lies answers. */
export async function getHealth(c: ApiContext): Promise<Response> {
  await c.get('server').probe();
  return respondJson(c, { status: 'ok' });
}
