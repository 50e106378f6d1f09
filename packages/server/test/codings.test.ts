import { randomBytes } from 'node:crypto';
import { readdirSync, readlinkSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { brotliCompressSync, brotliDecompressSync, deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib';
import { SMALL_VALUE_BYTES } from '@kv/core';
import { describe, expect, it, vi } from 'vitest';
import { createServer } from '../src/index.js';
import { backends, serve, TOKEN } from './serve.js';
import type { TestServer } from './serve.js';

const TEXT = 'A line that comes again and again.\n'.repeat(3000);
const DECODERS: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  br: brotliDecompressSync,
  gzip: gunzipSync,
  deflate: inflateSync,
  identity: (bytes) => bytes,
};
const ENCODERS: Readonly<Record<string, (text: string) => Buffer>> = {
  br: brotliCompressSync,
  gzip: gzipSync,
  'x-gzip': gzipSync,
  deflate: deflateSync,
  identity: (text) => Buffer.from(text),
};

interface RawAnswer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Sends a request with exactly these headers, and decodes nothing: `fetch` adds and decodes by itself. */
async function raw(
  server: TestServer,
  path: string,
  headers: Record<string, string>,
  method = 'GET',
): Promise<RawAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
  const options = { method, headers: { authorization: `Bearer ${TOKEN}`, ...headers } };
  const request = httpRequest(server.url + path, options, (response) => {
    buffer(response).then((body) => resolve({ status: response.statusCode, headers: response.headers, body }), reject);
  });
  request.once('error', reject).end();
  return promise;
}

async function store(server: TestServer, body: string | Uint8Array<ArrayBuffer>, type = 'text/plain'): Promise<string> {
  const { id } = await server.json('POST', '/v2/key-value-stores?name=coded');
  const path = `/v2/key-value-stores/${String(id)}/records/a`;
  const stored = await server.request(path, { method: 'PUT', body, headers: { 'content-type': type } });
  expect(stored.status).toBe(201);
  return path;
}

function decoded({ headers, body }: RawAnswer): string {
  return DECODERS[headers['content-encoding'] ?? 'identity']!(body).toString();
}

describe.each(backends)('content codings on $name', ({ open }) => {
  it('are chosen by what the client likes best', async () => {
    await using server = await serve(open());
    const path = await store(server, TEXT);
    const cases: Readonly<Record<string, string | undefined>> = {
      br: 'br',
      gzip: 'gzip',
      'x-gzip': 'gzip',
      deflate: 'deflate',
      'GZIP, Deflate, BR': 'br',
      'gzip, compress, deflate, br': 'br',
      'gzip;q=1.0, br;q=0.5': 'gzip',
      'deflate;q=0.9, gzip;q=0.8': 'deflate',
      '*': 'br',
      '*;q=0.5, br;q=0': 'gzip',
      'gzip;q=0.5': 'gzip',
      'identity;q=0, gzip;q=0.1': 'gzip',
      'gzip;q=0.5, identity': undefined,
      'gzip;q=0': undefined,
      identity: undefined,
      compress: undefined,
      '': undefined,
      ',;=,': undefined,
    };
    for (const [accepted, coding] of Object.entries(cases)) {
      const answer = await raw(server, path, { 'accept-encoding': accepted });
      expect([accepted, answer.status, answer.headers['content-encoding']]).toEqual([accepted, 200, coding]);
      expect(answer.headers.vary).toBe('Accept-Encoding');
      expect(decoded(answer)).toBe(TEXT);
      expect(answer.body.length < TEXT.length / 10).toBe(coding !== undefined);
      const length = answer.headers['content-length'];
      expect(length).toBe(coding === undefined ? String(TEXT.length) : undefined);
    }
    expect((await raw(server, path, {})).headers['content-encoding']).toBeUndefined();
    for (const accepted of ['identity;q=0', '*;q=0', 'compress, *;q=0']) {
      expect((await raw(server, path, { 'accept-encoding': accepted })).status).toBe(406);
    }
  });

  it('come with their length where the value is small', async () => {
    await using server = await serve(open());
    const text = TEXT.slice(0, 2000);
    const path = await store(server, text);
    for (const coding of ['br', 'gzip', 'deflate']) {
      const answer = await raw(server, path, { 'accept-encoding': coding });
      expect([answer.headers['content-encoding'], decoded(answer)]).toEqual([coding, text]);
      expect(answer.headers['content-length']).toBe(String(answer.body.length));
    }
  });

  it('are used where a body becomes smaller by them, and more than a packet', async () => {
    await using server = await serve(open());
    const coding = async (
      body: string | Uint8Array<ArrayBuffer>,
      type: string,
      accepted = 'gzip',
    ): Promise<unknown> => {
      const path = await store(server, body, type);
      const answer = await raw(server, path, { 'accept-encoding': accepted });
      expect(
        Buffer.compare(DECODERS[answer.headers['content-encoding'] ?? 'identity']!(answer.body), Buffer.from(body)),
      ).toBe(0);
      return answer.headers['content-encoding'];
    };
    for (const type of ['text/html', 'application/json; charset=utf-8', 'image/svg+xml', 'text/csv', 'application/xml'])
      expect([type, await coding(TEXT, type)]).toEqual([type, 'gzip']);
    const noise = randomBytes(100_000);
    for (const type of [
      'image/png',
      'application/zip',
      'video/mp4',
      'application/gzip',
      'application/octet-stream',
      'x/y',
    ])
      expect([type, await coding(noise, type)]).toEqual([type, undefined]);
    expect(await coding(TEXT.slice(0, 1023), 'text/plain')).toBeUndefined();
    expect(await coding(TEXT.slice(0, 1024), 'text/plain')).toBe('gzip');
    // Who refuses plain bytes does not get them.
    expect(await coding(noise, 'image/png', 'gzip, identity;q=0')).toBe('gzip');
    expect(await coding('', 'text/plain', 'gzip, identity;q=0')).toBe('gzip');
  });

  it('have tags of their own, which conditions know', async () => {
    await using server = await serve(open());
    const path = await store(server, TEXT);
    const tagOf = async (accepted: string, method = 'GET'): Promise<string> =>
      (await raw(server, path, { 'accept-encoding': accepted }, method)).headers.etag ?? '';
    const [plain, gzip, br] = [await tagOf('identity'), await tagOf('gzip'), await tagOf('br')];
    expect([gzip, br]).toEqual([plain.replace(/"$/, ';gzip"'), plain.replace(/"$/, ';br"')]);
    expect([await tagOf('identity', 'HEAD'), await tagOf('gzip', 'HEAD')]).toEqual([plain, gzip]);
    const status = async (headers: Record<string, string>, method = 'GET'): Promise<number | undefined> => {
      const answer = await raw(server, path, headers, method);
      if (answer.status === 304) expect([answer.body.length, answer.headers.vary]).toEqual([0, 'Accept-Encoding']);
      return answer.status;
    };
    for (const method of ['GET', 'HEAD']) {
      for (const [accepted, own, other] of [
        ['gzip', gzip, plain],
        ['identity', plain, gzip],
        ['br', br, gzip],
      ] as const) {
        const headers = { 'accept-encoding': accepted };
        expect(await status({ ...headers, 'if-none-match': own }, method)).toBe(304);
        expect(await status({ ...headers, 'if-none-match': `"x", W/${own}` }, method)).toBe(304);
        // What the client has is in a coding that it may not be able to decode now.
        expect(await status({ ...headers, 'if-none-match': other }, method)).toBe(200);
        expect(await status({ ...headers, 'if-match': other }, method)).toBe(200);
        expect(await status({ ...headers, 'if-match': '"x;gzip"' }, method)).toBe(412);
      }
    }
    if (!server.backend.capabilities.conditionalWrites) return;
    const put = async (headers: Record<string, string>): Promise<number> =>
      (await server.request(path, { method: 'PUT', body: TEXT, headers: { 'content-type': 'text/css', ...headers } }))
        .status;
    expect(await put({ 'if-match': '"x;gzip"' })).toBe(412);
    expect(await put({ 'if-none-match': gzip })).toBe(412);
    expect(await put({ 'if-match': gzip })).toBe(201);
    expect(await put({ 'if-match': gzip })).toBe(412);
  });

  it('give way to ranges, which are of the plain bytes', async () => {
    await using server = await serve(open());
    const path = await store(server, TEXT);
    const accepted = { 'accept-encoding': 'gzip, br' };
    const whole = await raw(server, path, accepted);
    const plainTag = (await raw(server, path, { 'accept-encoding': 'identity' })).headers.etag ?? '';
    expect([whole.headers['content-encoding'], whole.headers['accept-ranges']]).toEqual(['br', undefined]);
    const part = await raw(server, path, { ...accepted, range: 'bytes=10-19' });
    expect([part.status, part.headers['content-encoding'], part.headers['content-range'], part.headers.etag]).toEqual([
      206,
      undefined,
      `bytes 10-19/${TEXT.length}`,
      plainTag,
    ]);
    expect(part.body.toString()).toBe(TEXT.slice(10, 20));
    const ifRange = async (tag: string): Promise<unknown[]> => {
      const { status, headers } = await raw(server, path, { ...accepted, range: 'bytes=10-19', 'if-range': tag });
      return [status, headers['content-encoding']];
    };
    expect(await ifRange(plainTag)).toEqual([206, undefined]);
    expect(await ifRange(whole.headers.etag ?? '')).toEqual([200, 'br']);
    const refused = await raw(server, path, { 'accept-encoding': 'gzip, identity;q=0', range: 'bytes=10-19' });
    expect([refused.status, refused.headers['content-encoding'], decoded(refused)]).toEqual([200, 'gzip', TEXT]);
    expect((await raw(server, path, { ...accepted, range: 'bytes=999999999-' })).status).toBe(416);
  });

  it('are told by HEAD as by GET', async () => {
    await using server = await serve(open());
    const path = await store(server, TEXT);
    for (const accepted of ['identity', 'gzip', 'br', 'deflate', '*', 'identity;q=0']) {
      const get = await raw(server, path, { 'accept-encoding': accepted });
      const head = await raw(server, path, { 'accept-encoding': accepted }, 'HEAD');
      const told = ({ status, headers }: RawAnswer): unknown => {
        const { date: _, 'transfer-encoding': __, 'content-length': length, ...rest } = headers;
        return { status, ...rest, ...(status === 200 && { length }) };
      };
      expect(told(head)).toEqual(told(get));
      expect(head.body.length).toBe(0);
    }
  });

  it('of what is stored are undone, and the value reads the same for every client', async () => {
    await using server = await serve(open());
    // What is small is decoded at once, but only as long as it stays that.
    const limits = [SMALL_VALUE_BYTES - 1, SMALL_VALUE_BYTES, SMALL_VALUE_BYTES + 1];
    for (const text of [TEXT, '{"a":1}', ...limits.map((length) => 'x'.repeat(length))]) {
      for (const [coding, encode] of Object.entries(ENCODERS)) {
        const path = await store(server, 'before');
        const headers = { 'content-type': 'application/json', 'content-encoding': coding };
        const body = new Uint8Array(encode(text));
        const came = coding === 'identity' ? undefined : coding.replace('x-', '');
        expect((await server.request(path, { method: 'PUT', body, headers })).status).toBe(201);
        for (const accepted of ['gzip, deflate, br', 'identity', 'gzip']) {
          const answer = await raw(server, path, { 'accept-encoding': accepted });
          const isTaken = came !== undefined && accepted.includes(came);
          const other = text.length >= 1024 ? accepted.match(/br|gzip/g)?.at(-1) : undefined;
          expect([coding, accepted, answer.headers['content-encoding']]).toEqual([
            coding,
            accepted,
            isTaken ? came : other,
          ]);
          expect([coding, accepted, decoded(answer)]).toEqual([coding, accepted, text]);
        }
      }
    }
  });

  it('that values came in are those that they leave in, for whoever takes them', async () => {
    await using server = await serve(open());
    const path = await store(server, 'before');
    const answersTo = async (accepted: Readonly<Record<string, string | undefined>>, text: string): Promise<void> => {
      for (const [header, coding] of Object.entries(accepted)) {
        for (const method of ['GET', 'HEAD']) {
          const answer = await raw(server, path, { 'accept-encoding': header }, method);
          expect([header, method, answer.headers['content-encoding']]).toEqual([header, method, coding]);
          if (method === 'GET') expect(decoded(answer)).toBe(text);
        }
      }
    };
    const types = ['application/json; charset=utf-8', 'application/json', 'text/plain', 'image/png'];
    const texts = ['{"a":1}', JSON.stringify(TEXT), JSON.stringify(randomBytes(60_000).toString('hex'))];
    for (const type of types) {
      for (const [sent, coding = sent] of [['gzip'], ['br'], ['deflate'], ['x-gzip', 'gzip']] as const) {
        for (const text of texts) {
          const body = new Uint8Array(ENCODERS[sent]!(text));
          const headers = { 'content-type': type, 'content-encoding': sent };
          expect((await server.request(path, { method: 'PUT', body, headers })).status).toBe(201);
          const others = ['br', 'gzip', 'deflate'].filter((other) => other !== coding);
          const isText = type !== 'image/png' && text.length >= 1024;
          const lessLiked = `${coding};q=0.5, ${others[0]}`;
          await answersTo(
            {
              [coding]: coding,
              'gzip, deflate, br': coding,
              '*': coding,
              [`${coding};q=0.5, *;q=0.5`]: coding,
              [`${coding};q=0.5`]: coding,
              [`${coding};q=0.5, identity`]: undefined,
              [lessLiked]: isText ? others[0] : undefined,
              [`${others[1]}, ${coding};q=0`]: isText ? others[1] : undefined,
              identity: undefined,
              compress: undefined,
            },
            text,
          );
          const ranged = await raw(server, path, { 'accept-encoding': coding, range: 'bytes=1-3' });
          expect([ranged.status, ranged.body.toString()]).toEqual([206, text.slice(1, 4)]);
        }
      }
      // What comes plain has no coding of the value before.
      await store(server, texts[0]!, type);
      await answersTo({ 'gzip, deflate, br': undefined, deflate: undefined }, texts[0]!);
    }
  });

  it('that the client of kv uses on the way are not kept', async () => {
    await using server = await serve(open());
    const path = await store(server, 'before');
    const body = new Uint8Array(gzipSync('{"a":1}'));
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    const put = async (more: Readonly<Record<string, string>>): Promise<string | undefined> => {
      expect((await server.request(path, { method: 'PUT', body, headers: { ...headers, ...more } })).status).toBe(201);
      const answer = await raw(server, path, { 'accept-encoding': 'gzip' });
      expect(decoded(answer)).toBe('{"a":1}');
      return answer.headers['content-encoding'];
    };
    expect(await put({})).toBe('gzip');
    expect(await put({ 'x-kv-write': `${'c'.repeat(20)}:1:1` })).toBeUndefined();
  });

  it.each(Object.entries(ENCODERS))(
    'of a small body do not go around the limit of size: %s',
    async (coding, encode) => {
      await using server = await serve(open(), { limits: { recordBytes: 1000 } });
      const path = await store(server, 'before');
      const put = async (size: number): Promise<number> => {
        const body = new Uint8Array(encode('x'.repeat(size)));
        return (await server.request(path, { method: 'PUT', body, headers: { 'content-encoding': coding } })).status;
      };
      expect([await put(1001), await put(100_000), await put(1000)]).toEqual([413, 413, 201]);
      expect(await (await server.request(path)).text()).toBe('x'.repeat(1000));
    },
  );

  it.each(['br', 'gzip', 'x-gzip', 'deflate'])('of a body that is damaged are told so: %s', async (coding) => {
    await using server = await serve(open());
    const path = await store(server, 'before');
    const whole = ENCODERS[coding]!(randomBytes(30_000).toString('hex'));
    const damaged: readonly Buffer[] = [
      ...[0, 1, 5, 20, whole.length >> 1, whole.length - 1].map((length) => whole.subarray(0, length)),
      Buffer.from(TEXT),
      ...[0x00, 0x20, 0x55, 0xaa, 0xff].map((byte) => Buffer.alloc(40, byte)),
      // A header of zlib that asks for a dictionary.
      ...(coding === 'deflate' ? [Buffer.from([0x78, 0xbb, 1, 2, 3, 4, 5, 6])] : []),
    ];
    const headers = { 'content-encoding': coding };
    for (const bytes of damaged) {
      const put = await server.request(path, { method: 'PUT', body: new Uint8Array(bytes), headers });
      const message = 'The body does not have the encoding that it states.';
      expect([put.status, await put.json()]).toEqual([400, { error: { type: 'invalid-request', message } }]);
    }
    expect(await (await server.request(path)).text()).toBe('before');
  });

  it.each(Object.keys(ENCODERS))('of a body that breaks off are not blamed: %s', async (coding) => {
    await using server = await serve(open());
    const path = await store(server, 'before');
    const part = new Uint8Array(ENCODERS[coding]!(TEXT).subarray(0, 50));
    const brokenOff = ReadableStream.from(
      (async function* broken() {
        yield part;
        throw Object.assign(new Error('aborted'), { code: 'ERR_STREAM_PREMATURE_CLOSE' });
      })(),
    );
    const { fetch: answer } = await createServer({ backend: server.backend, token: TOKEN });
    const response = await answer(
      new Request(`http://localhost${path}`, {
        method: 'PUT',
        body: brokenOff,
        headers: { authorization: `Bearer ${TOKEN}`, 'content-encoding': coding },
        duplex: 'half',
      }),
    );
    const error = { type: 'request-aborted-prematurely' };
    expect([response.status, await response.json()]).toMatchObject([400, { error }]);
  });

  it('stream, and let go of the record when the client goes away', async () => {
    await using server = await serve(open());
    const text = randomBytes(30_000).toString('hex').repeat(100);
    const path = await store(server, text);
    for (const coding of ['br', 'gzip', 'deflate']) {
      const { promise: closed, resolve, reject } = Promise.withResolvers<void>();
      const headers = { authorization: `Bearer ${TOKEN}`, 'accept-encoding': coding };
      const request = httpRequest(server.url + path, { headers }, (response) => {
        response.once('data', () => response.destroy());
        response.once('close', resolve);
      });
      request.once('error', reject).end();
      await closed;
      await vi.waitFor(() => expect(openFiles(server.backend.location)).toEqual([]), 5000);
      expect(decoded(await raw(server, path, { 'accept-encoding': coding }))).toBe(text);
    }
  });
});

/** The files of a directory that this process has open; none where the system does not tell. */
function openFiles(dir: string): string[] {
  if (process.platform !== 'linux') return [];
  const targets = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      // It was closed meanwhile.
      return '';
    }
  });
  return targets.filter((target) => target.startsWith(`${dir}/`));
}
