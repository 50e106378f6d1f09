import { isKvError } from '@kv/core';
import type { ApiClient } from '../http/api-client.js';
import type { ApiUrls } from '../http/api-urls.js';

/** What a server may do beyond Apify's API. */
export interface ServerCapabilities {
  /** It heeds the conditions of writes. */
  readonly conditionalWrites: boolean;
  /** It tells late attempts of a write by its number. */
  readonly numberedWrites: boolean;
}

/** Those of Apify's API itself. */
export const NO_CAPABILITIES: ServerCapabilities = { conditionalWrites: false, numberedWrites: false };

/** Asks a server what it can do; what it does not say it cannot. */
export async function readServerCapabilities(client: ApiClient, urls: ApiUrls): Promise<ServerCapabilities> {
  try {
    const answer = await client.call({
      method: 'GET',
      url: urls.root(),
      purpose: 'ask the server what it can do',
      details: {},
      isRepeatable: true,
    });
    return parseCapabilities(new TextDecoder().decode(answer.body));
  } catch (error) {
    // It has answered, if not with a success.
    if (isKvError(error) && error.details['status'] !== undefined) return NO_CAPABILITIES;
    throw error;
  }
}

function parseCapabilities(text: string): ServerCapabilities {
  try {
    const { capabilities } = Object(JSON.parse(text)) as { capabilities?: unknown };
    const { conditionalWrites, numberedWrites } = Object(capabilities) as Record<string, unknown>;
    return { conditionalWrites: conditionalWrites === true, numberedWrites: numberedWrites === true };
  } catch {
    return NO_CAPABILITIES;
  }
}
