import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Users } from '../src/access/users.js';
import { ServerData } from '../src/data/server-data.js';
import { createServer } from '../src/index.js';
import { Store } from '../src/key-value-stores/store.js';
import { Stores } from '../src/key-value-stores/stores.js';
import { Retention } from '../src/retention/retention.js';
import { StoreUse } from '../src/retention/store-use.js';
import { Runs } from '../src/runs/runs.js';
import { backends, problemsOf, TOKEN } from './serve.js';

const DAY_MILLIS = 24 * 60 * 60 * 1000;
const START = Date.UTC(2030, 0, 1);

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: START }));
afterEach(() => void vi.useRealTimers());

describe.each(backends)('retention on $name', ({ open }) => {
  async function setUp() {
    const backend = open();
    const server = await createServer({ backend, token: TOKEN, retentionDays: 7 });
    const data = new ServerData(backend);
    const stores = new Stores({ backend, data, users: new Users(data) });
    const use = new StoreUse(data);
    const failures: unknown[] = [];
    const retention = new Retention({
      days: 7,
      backend,
      stores,
      runs: new Runs(data, stores),
      use,
      onError: (error) => failures.push(error),
    });
    const ask = async (
      method: string,
      path: string,
    ): Promise<{ status: number; body: { data: Record<string, string> } }> => {
      const request = new Request(`http://localhost${path}`, { method, headers: { authorization: `Bearer ${TOKEN}` } });
      const response = await server.fetch(request);
      expect(await problemsOf(request, response)).toEqual([]);
      const { status } = response;
      const body = (status === 204 ? {} : await response.json()) as { data: Record<string, string> };
      return { status, body };
    };
    const create = async (query = ''): Promise<string> =>
      String((await ask('POST', `/v2/key-value-stores${query}`)).body.data['id']);
    const tearDown = async (): Promise<void> => {
      await backend.close();
      if (backend.name === 'fs') rmSync(backend.location, { recursive: true, force: true });
    };
    return { backend, retention, use, failures, ask, create, tearDown };
  }

  it('drops unnamed stores that nobody has used, and leaves the others', async () => {
    const { backend, retention, ask, create, tearDown } = await setUp();
    const [unused, used, named] = [await create(), await create(), await create('?name=named')];
    await backend.openKeyValueStore({});
    await backend.openKeyValueStore({ alias: 'of-a-program' });
    // A store is on a disk whose clock is not ours.
    vi.setSystemTime(Date.now() + 100 * 365 * DAY_MILLIS);
    expect((await ask('GET', `/v2/key-value-stores/${used}/keys`)).status).toBe(200);
    vi.setSystemTime(Date.now() + 6 * DAY_MILLIS);
    expect(await retention.sweep()).toEqual([unused]);
    expect((await ask('GET', `/v2/key-value-stores/${unused}`)).status).toBe(404);
    expect((await ask('GET', `/v2/key-value-stores/${used}`)).status).toBe(200);
    vi.setSystemTime(Date.now() + 9 * DAY_MILLIS);
    expect(await retention.sweep()).toEqual([used]);
    expect((await ask('GET', `/v2/key-value-stores/${named}`)).status).toBe(200);
    expect((await backend.listKeyValueStores()).map(({ name, alias }) => name ?? alias)).toEqual(
      expect.arrayContaining(['named', 'of-a-program']),
    );
    await tearDown();
  });

  it('never drops a store with a name, however long that is', async () => {
    const { backend, retention, tearDown } = await setUp();
    const data = new ServerData(backend);
    const users = new Users(data);
    const ann = await users.add('ann');
    const { store } = await new Stores({ backend, data, users }).open(ann, 'n'.repeat(63));
    vi.setSystemTime(Date.now() + 100 * 365 * DAY_MILLIS);
    expect(await retention.sweep()).toEqual([]);
    expect((await store.getInfo()).name).toBe('n'.repeat(63));
    await tearDown();
  });

  it('never drops a store that is being used', async () => {
    const { retention, use, create, tearDown } = await setUp();
    const id = await create();
    const end = await use.begin(id);
    vi.setSystemTime(Date.now() + 100 * 365 * DAY_MILLIS);
    expect(await retention.sweep()).toEqual([]);
    end!();
    expect(await retention.sweep()).toEqual([id]);
    await tearDown();
  });

  it('leaves a store as it was when it cannot be dropped, and drops the others', async () => {
    const { retention, use, failures, create, tearDown } = await setUp();
    const ids = [await create(), await create()];
    vi.setSystemTime(Date.now() + 100 * 365 * DAY_MILLIS);
    const drop = vi.spyOn(Store.prototype, 'drop').mockRejectedValueOnce(new Error('the disk is gone'));
    const [dropped] = await retention.sweep();
    drop.mockRestore();
    const left = ids.find((id) => id !== dropped);
    expect(failures).toEqual([new Error('the disk is gone')]);
    expect(await use.begin(String(left))).toBeDefined();
    await tearDown();
  });

  it('remembers no use of a store that a client has deleted', async () => {
    const { backend, ask, create, tearDown } = await setUp();
    const id = await create();
    await ask('GET', `/v2/key-value-stores/${id}`);
    const data = new ServerData(backend);
    expect(await data.list('use.')).toHaveLength(1);
    await ask('DELETE', `/v2/key-value-stores/${id}`);
    expect(await data.list('use.')).toEqual([]);
    await tearDown();
  });

  it('lets nobody begin to use a store that is being dropped', async () => {
    const { use, create, tearDown } = await setUp();
    const id = await create();
    expect(use.close(id)).toBe(true);
    expect(await use.begin(id)).toBeUndefined();
    await tearDown();
  });

  it('never drops the store of a run that still says something', async () => {
    const { retention, ask, tearDown } = await setUp();
    const { body } = await ask('GET', '/v2/actor-runs/run');
    vi.setSystemTime(Date.now() + 100 * 365 * DAY_MILLIS);
    await ask('PUT', '/v2/actor-runs/run');
    vi.setSystemTime(Date.now() + 6 * DAY_MILLIS);
    expect(await retention.sweep()).toEqual([]);
    vi.setSystemTime(Date.now() + 2 * DAY_MILLIS);
    expect(await retention.sweep()).toEqual([body.data['defaultKeyValueStoreId']]);
    await tearDown();
  });

  it('forgets the runs whose stores are gone, and no others', async () => {
    const { backend, retention, ask, tearDown } = await setUp();
    const data = new ServerData(backend);
    const users = new Users(data);
    const runs = new Runs(data, new Stores({ backend, data, users }));
    const ann = await users.add('ann');
    for (const id of ['old', 'named']) await ask('GET', `/v2/actor-runs/${id}`);
    await runs.open(ann, 'old');
    const { body } = await ask('GET', '/v2/actor-runs/named/key-value-store');
    await (await backend.openKeyValueStore({ id: String(body.data['id']) })).update({ name: 'named' });
    vi.setSystemTime(Date.now() + 100 * 365 * DAY_MILLIS);
    await ask('GET', '/v2/actor-runs/new');
    expect(await retention.sweep()).toHaveLength(2);
    expect((await runs.list()).map(({ id }) => id).toSorted()).toEqual(['named', 'new']);
    expect((await ask('GET', '/v2/acts/x/runs/last/key-value-store')).status).toBe(200);
    await tearDown();
  });
});
