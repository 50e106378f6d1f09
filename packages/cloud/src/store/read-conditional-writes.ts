import { isKvError } from '@kv/core';
import type { ApiClient } from '../http/api-client.js';
import type { ApiUrls } from '../http/api-urls.js';

/** Asks a server whether it heeds the conditions of writes; one that does not say so does not. */
export async function readConditionalWrites(client: ApiClient, urls: ApiUrls): Promise<boolean> {
  try {
    const answer = await client.call({
      method: 'GET',
      url: urls.root(),
      purpose: 'ask the server what it can do',
      details: {},
      isRepeatable: true,
    });
    return statesConditionalWrites(new TextDecoder().decode(answer.body));
  } catch (error) {
    // It has answered, if not with a success.
    if (isKvError(error) && error.details['status'] !== undefined) return false;
    throw error;
  }
}

function statesConditionalWrites(text: string): boolean {
  try {
    const { capabilities } = Object(JSON.parse(text)) as { capabilities?: unknown };
    return (Object(capabilities) as { conditionalWrites?: unknown }).conditionalWrites === true;
  } catch {
    return false;
  }
}
