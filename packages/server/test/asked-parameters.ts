import { HonoRequest } from 'hono/request';

/** A parameter that the server has looked for in a request. */
export interface AskedParameter {
  readonly method: string;
  readonly path: string;
  readonly in: 'query' | 'header';
  readonly name: string;
}

/** What tells who asks, or is set by browsers and by HTTP itself: no parameter of an operation. */
const COMMON: Readonly<Record<AskedParameter['in'], ReadonlySet<string>>> = {
  query: new Set(['token', 'signature']),
  header: new Set([
    'authorization',
    'content-length',
    'content-type',
    'origin',
    'sec-fetch-dest',
    'sec-fetch-site',
    'service-worker',
    'user-agent',
  ]),
};

const asked = new Map<string, AskedParameter>();

/** Gives what the server has looked for since the last call, but for what is common to all requests. */
export function takeAskedParameters(): readonly AskedParameter[] {
  const taken = [...asked.values()];
  asked.clear();
  return taken;
}

for (const place of ['query', 'header'] as const) {
  const read = HonoRequest.prototype[place] as (name?: string) => unknown;
  HonoRequest.prototype[place] = function recordAndRead(this: HonoRequest, name?: string) {
    const { method, path } = this;
    const text = name ?? 'everything';
    if (!COMMON[place].has(text)) {
      asked.set(JSON.stringify([method, path, place, text]), { method, path, in: place, name: text });
    }
    return read.call(this, name);
  } as (typeof HonoRequest.prototype)[typeof place];
}
