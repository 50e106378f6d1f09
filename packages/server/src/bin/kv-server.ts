#!/usr/bin/env node
import { isKvError } from '@kv/core';
import { accessCommands } from './access-commands.js';
import { describeFlags, parseFlags } from './flags.js';
import { loadBackend } from './load-backend.js';
import { serve } from './serve-command.js';
import { UsageError } from './usage-error.js';

const HELP = `kv-server: Apify's storage API over a directory of your own, or another backend

  kv-server                          start the server
  ${Object.keys(accessCommands).join('\n  ')}

${describeFlags()}

Each flag is an environment variable as well: --public-url is KV_SERVER_PUBLIC_URL.`;

async function main(): Promise<void> {
  const flags = parseFlags(process.argv.slice(2), process.env);
  if (flags.isSet('help')) return console.log(HELP);
  const name = flags.words.slice(0, 2).join(' ');
  const command = accessCommands[name];
  if (name !== '' && !command)
    throw new UsageError(`There is no command ${JSON.stringify(name)}. See kv-server --help.`);
  const backend = await loadBackend(flags.text('backend') ?? 'fs', flags.text('dir') ?? './storage');
  if (command) {
    console.log(await command({ backend, flags }));
    return backend.close();
  }
  const { close } = await serve({ backend, flags });
  const stop = async (): Promise<void> => {
    // Who asks a second time does not want to wait.
    process.once('SIGINT', () => process.exit(1));
    process.once('SIGTERM', () => process.exit(1));
    await close();
    await backend.close();
  };
  process.once('SIGINT', () => void stop());
  process.once('SIGTERM', () => void stop());
}

try {
  await main();
} catch (error) {
  // What the user can mend is told in a line, without a stack.
  const isPlain = error instanceof UsageError || isKvError(error);
  const cause = isKvError(error, 'KV_BACKEND_FAILED') && error.cause instanceof Error ? ` ${error.cause.message}` : '';
  console.error(isPlain ? error.message + cause : error);
  process.exitCode = 1;
}
