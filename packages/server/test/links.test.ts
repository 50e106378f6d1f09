import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { isContentSignature, isRecordSignature, signContent, signMessage } from '../src/access/signature.js';
import { serve } from './serve.js';

const STORES = '/v2/key-value-stores';

afterEach(() => void vi.useRealTimers());

describe('the base of all links', () => {
  it.each(['https://x.example/?a=1', 'https://x.example/?', 'https://x.example/#x', 'https://x.example/a#'])(
    'has no query and no fragment: %s',
    async (publicUrl) => {
      await expect(serve(undefined, { publicUrl })).rejects.toThrow('must end with its path');
    },
  );

  it.each(['https://ann:secret@x.example', 'https://secret@x.example/base'])(
    'has no user and no password: %s',
    async (publicUrl) => {
      const starting = serve(undefined, { publicUrl });
      await expect(starting).rejects.toThrow('"publicUrl" must have no user and no password');
      await expect(starting).rejects.not.toThrow('secret');
    },
  );

  it.each(['storage.example.com', 'ftp://x.example', ''])('is a URL of the web: %s', async (publicUrl) => {
    await expect(serve(undefined, { publicUrl })).rejects.toThrow(/must be a URL such as/);
  });
});

describe('signatures', () => {
  it.each([
    ['hmac-secret-key', 'hmac-message-to-be-authenticated', 'pcVagAsudj8dFqdlg7mG'],
    ['hmac-same-secret-key', 'hmac-same-message-to-be-authenticated', 'FYMcmTIm3idXqleF1Sw5'],
    ['secret', 'obj', '14clDdeimrZjsi7yMX17F'],
  ])('sign messages as the official clients do (%s)', (secret, message, signature) => {
    expect(signMessage(secret, message)).toBe(signature);
    expect(isRecordSignature(secret, message, signature)).toBe(true);
  });

  it.each([
    ['hmac-secret-key', 'resource-id', 'MC4wLjNUd2ZFRTY1OXVmU05zbVM0N2xS'],
    // Python writes padding.
    ['secret', 'KVSid1234567890ab', 'MC4wLjFhT0ZFRUhtbm15bW4xVGthOE5sWQ=='],
  ])('sign content as the official clients do (%s)', (secret, id, signature) => {
    expect(signContent(secret, id)).toBe(signature.replace(/=+$/, ''));
    expect(isContentSignature(secret, id, signature)).toBe(true);
  });

  it('end to the millisecond', () => {
    vi.useFakeTimers({ now: 1_000_000 });
    const signature = signContent('secret', 'store', 1_000_500);
    vi.setSystemTime(1_000_499);
    expect(isContentSignature('secret', 'store', signature)).toBe(true);
    vi.setSystemTime(1_000_500);
    expect(isContentSignature('secret', 'store', signature)).toBe(false);
  });

  it('are not valid for anything else', () => {
    const signature = signContent('secret', 'store', Date.now() + 60_000);
    expect(isContentSignature('secret', 'other', signature)).toBe(false);
    expect(isContentSignature('other', 'store', signature)).toBe(false);
    expect(isContentSignature('secret', 'store', signature.slice(0, -1))).toBe(false);
    const [, expiry, mac] = Buffer.from(signature, 'base64url').toString().split('.');
    for (const text of [
      `1.${expiry}.${mac}`,
      `0.0.${mac}`,
      `0.${Number(expiry) + 1}.${mac}`,
      `0.${expiry}.${mac}.x`,
      `0.${expiry}`,
    ]) {
      expect(isContentSignature('secret', 'store', Buffer.from(text).toString('base64url'))).toBe(false);
    }
  });

  it('are never found by chance', () => {
    fc.assert(
      fc.property(fc.string(), (signature) => {
        expect(isContentSignature('secret', 'store', signature)).toBe(false);
        expect(isRecordSignature('secret', 'key', signature)).toBe(false);
      }),
    );
  });
});

describe('signed links', () => {
  it('open what they are for, and nothing else', async () => {
    await using server = await serve();
    const store = await server.json('POST', `${STORES}?name=signed`);
    const other = await server.json('POST', `${STORES}?name=other`);
    const [id, otherId, secret] = [store['id'], other['id'], store['urlSigningSecretKey']].map(String) as [
      string,
      string,
      string,
    ];
    for (const owner of [id, otherId]) {
      for (const key of ['a', 'b'])
        await server.request(`${STORES}/${owner}/records/${key}`, { method: 'PUT', body: key });
    }
    const status = async (path: string, method = 'GET'): Promise<number> =>
      (await server.request(`${STORES}/${path}`, { token: null, method, ...(method === 'PUT' && { body: 'x' }) }))
        .status;
    const record = signMessage(secret, 'a');
    const content = signContent(secret, id);
    expect(await status(`${id}/records/a?signature=${record}`)).toBe(200);
    expect(await status(`admin~signed/records/a?signature=${record}`)).toBe(200);
    expect(await status(`${id}/records/a?signature=${record}`, 'HEAD')).toBe(200);
    expect(await status(`${id}/keys?limit=1&signature=${content}`)).toBe(200);
    expect(await status(`${id}/keys?signature=${content}%3D%3D`)).toBe(200);
    expect(await status(`${id}/records?signature=${content}`)).toBe(200);
    for (const path of [
      `${id}/records/b?signature=${record}`,
      `${otherId}/records/a?signature=${record}`,
      `${id}/records/a?signature=${record.slice(1)}`,
      `${id}/records/a?signature=${content}`,
      `${id}/records/a?signature=`,
      `${otherId}/keys?signature=${content}`,
      `${id}/keys?signature=${record}`,
      `${id}/keys?signature=${signContent(secret, id, Date.now() - 1)}`,
    ]) {
      expect([path, await status(path)]).toEqual([path, 403]);
    }
    expect(await status(`${id}?signature=${content}`)).toBe(404);
    for (const method of ['PUT', 'POST', 'DELETE']) {
      expect(await status(`${id}/records/a?signature=${record}`, method)).toBe(401);
    }
    expect(await (await server.request(`${STORES}/${id}/records/a`)).text()).toBe('a');
  });

  it('are all revoked by a new secret', async () => {
    await using server = await serve();
    const { id, urlSigningSecretKey } = await server.json('POST', `${STORES}?name=signed`);
    await server.request(`${STORES}/${String(id)}/records/a`, { method: 'PUT', body: 'a' });
    const path = `${STORES}/${String(id)}/records/a?signature=${signMessage(String(urlSigningSecretKey), 'a')}`;
    expect((await server.request(path, { token: null })).status).toBe(200);
    const data = await server.backend.openKeyValueStore({ name: 'kv-server-data' });
    await data.deleteRecord('signing-secret');
    await using next = await serve(server.backend);
    expect((await next.request(path, { token: null })).status).toBe(403);
  });
});
