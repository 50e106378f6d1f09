import type { OperationOptions } from '@kv/core';
import type { ApiRequest } from '../http/api-request.js';
import type { ApiUrls } from '../http/api-urls.js';

/** Which keys to list. */
export interface KeyQuery {
  readonly prefix?: string | undefined;
  readonly exclusiveStartKey?: string | undefined;
  readonly limit: number;
}

const RECORD_VERBS = { GET: 'read', HEAD: 'read', PUT: 'write', DELETE: 'delete' };

/** Makes the requests that concern one store; all of them may be repeated unless the caller says otherwise. */
export class StoreRequests {
  readonly #urls: ApiUrls;
  readonly #id: string;

  constructor(urls: ApiUrls, id: string) {
    this.#urls = urls;
    this.#id = id;
  }

  /** A request for the store itself. */
  store(method: 'GET' | 'PUT' | 'DELETE', verb: string, options: OperationOptions = {}): ApiRequest {
    const url = this.#urls.store(this.#id);
    return this.#request(method, url, `${verb} the key-value store ${this.#id}`, options);
  }

  /** A request for a page of keys. */
  keys(query: KeyQuery, options: OperationOptions = {}): ApiRequest {
    const url = this.#urls.keys(this.#id, { ...query });
    return this.#request('GET', url, `list the keys of the key-value store ${this.#id}`, options);
  }

  /** A request for a record. */
  record(method: 'GET' | 'HEAD' | 'PUT' | 'DELETE', key: string, options: OperationOptions = {}): ApiRequest {
    // As an attachment, the server hands HTML out as it is.
    const url = this.#urls.record(this.#id, key, method === 'GET' ? { attachment: 'true' } : {});
    const purpose = `${RECORD_VERBS[method]} the record ${JSON.stringify(key)} of the key-value store ${this.#id}`;
    return this.#request(method, url, purpose, options, key);
  }

  #request(
    method: ApiRequest['method'],
    url: string,
    purpose: string,
    { signal }: OperationOptions,
    key?: string,
  ): ApiRequest {
    return {
      method,
      url,
      purpose,
      details: { id: this.#id, ...(key === undefined ? {} : { key }) },
      isRepeatable: true,
      signal,
    };
  }
}
