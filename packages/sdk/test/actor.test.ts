import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Actor, Configuration } from '../src/index.js';
import { catchLog, runProgram, setEnv, tempDir } from './helpers.js';

function actorWithInput(file: string | undefined, text = '', options = {}): Actor {
  setEnv();
  catchLog();
  const dir = tempDir();
  const path = join(dir, 'key_value_stores', 'default');
  mkdirSync(path, { recursive: true });
  if (file !== undefined) writeFileSync(join(path, file), text);
  return new Actor({ storageDir: dir, ...options });
}

it.each([
  ['INPUT.json', '{"a":1}', { a: 1 }],
  ['INPUT.json', '\ufeff{"a":1}', { a: 1 }],
  ['INPUT.txt', 'a text', 'a text'],
  ['INPUT.bin', 'bytes', Buffer.from('bytes')],
])('reads the input from %s', async (file, text, expected) => {
  const actor = actorWithInput(file, text);
  expect(await actor.getInput()).toEqual(expected);
  expect(await actor.getInputOrThrow()).toEqual(expected);
});

it('reads the input of another key', async () => {
  const actor = actorWithInput('INPUT-METAMORPH-1.json', '5', { inputKey: 'INPUT-METAMORPH-1' });
  expect(await actor.getInput()).toBe(5);
});

it('gives null, or says where to put it, when there is no input', async () => {
  const actor = actorWithInput(undefined);
  expect(await actor.getInput()).toBeNull();
  await expect(actor.getInputOrThrow()).rejects.toMatchObject({
    code: 'KV_INPUT_MISSING',
    message: expect.stringContaining(
      'Input does not exist. Store it in the default key-value store under the key INPUT',
    ),
  });
});

it('initialises once, and again after a failure', async () => {
  const actor = actorWithInput('INPUT.json', '1');
  await Promise.all([actor.init(), actor.init()]);
  await actor.setValue('k', 1);
  await actor.init();
  expect(await actor.getValue('k')).toBe(1);
  expect(await actor.getValue('nothing', 'default')).toBe('default');
  await actor.exit({ exit: false });
});

it('shares the global configuration, unless it has options', () => {
  setEnv();
  expect(new Actor().config).toBe(Configuration.getGlobalConfig());
  expect(new Actor({ inputKey: 'X' }).config).not.toBe(Configuration.getGlobalConfig());
  expect(() => new Actor({ nonsense: 1 } as never)).toThrow('There is no option "nonsense"');
});

it('refuses a program that is no function', async () => {
  const actor = actorWithInput(undefined);
  await expect(actor.main(5 as never)).rejects.toThrow(
    "First parameter for Actor.main() must be a function (was 'number').",
  );
  await expect(actor.main(null as never)).rejects.toThrow("(was 'null')");
});

it('gives the result of main when it does not exit', async () => {
  const actor = actorWithInput(undefined);
  expect(await actor.main(() => 42, { exit: false })).toBe(42);
});

it('throws what the program throws when it does not exit', async () => {
  const actor = actorWithInput(undefined);
  const program = (): never => {
    throw new Error('my mistake');
  };
  await expect(actor.main(program, { exit: false })).rejects.toThrow('my mistake');
});

it('says status messages on the log', async () => {
  const actor = actorWithInput(undefined);
  const log = catchLog();
  await actor.setStatusMessage('half way');
  await actor.setStatusMessage('too slow', { level: 'WARNING' });
  expect(log.mock.calls.flat()).toEqual([
    'kv: [Status message, INFO]: half way',
    'kv: [Status message, WARNING]: too slow',
  ]);
});

it('does everything by static methods too', { timeout: 20_000 }, async () => {
  const source = `
    await Actor.init();
    await Actor.setValue('A', 1);
    const store = await Actor.openKeyValueStore();
    const state = await Actor.useState('S', { n: 1 });
    const listener = () => { state.n += 1; };
    Actor.on('persistState', listener);
    Actor.on('exit', () => console.log('exit'));
    await Actor.setStatusMessage('working', { level: 'DEBUG' });
    console.log(JSON.stringify([
      await Actor.getValue('A'), await Actor.getValue('B', 2), await Actor.getInput(), store.id, Actor.isAtHome(),
      Actor.config === Configuration.getGlobalConfig(), Actor.getEnv().token, Actor.getDefaultInstance() instanceof Actor,
      await Actor.getInputOrThrow().catch((error) => isKvError(error, 'KV_INPUT_MISSING')),
    ]));
    Actor.off('persistState', listener);
    await Actor.exit({ statusMessage: 'all done' });`;
  const { stdout, stderr, code } = await runProgram(source, { dir: tempDir() });
  expect(stdout).toBe('[1,2,null,"default",false,true,null,true,true]\nexit\n');
  expect(stderr).toContain('kv: [Status message, DEBUG]: working');
  expect(stderr).toContain('kv: all done');
  expect(code).toBe(0);
});
