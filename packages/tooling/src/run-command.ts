import { parseArgs } from 'node:util';

/** Runs a command that takes one name: prints what it says, or its usage, or what is wrong. */
export function runCommand(usage: string, command: (name: string) => string, defaultName?: string): void {
  try {
    const options = { help: { type: 'boolean', short: 'h' } } as const;
    const { values, positionals } = parseArgs({ allowPositionals: true, options });
    const [name = defaultName, ...rest] = positionals;
    if (values.help === true) return console.log(usage);
    if (name === undefined || rest.length > 0) throw new Error(`One name is needed.\n\n${usage}`);
    console.log(command(name));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
