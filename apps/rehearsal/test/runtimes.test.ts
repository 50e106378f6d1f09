import { expect, it } from 'vitest';
import { Project } from '../src/project.ts';
import { commonJsOf, readmeProgram } from '../src/readme-program.ts';

const { code, output } = readmeProgram();

/** Makes a project that runs on a version of Node, or with another runtime, from npm. */
async function projectWith(runtime: string): Promise<Project> {
  const project = new Project();
  await project.type(`npm install ${runtime}`);
  project.write('main.mjs', code);
  return project;
}

/** Puts the runtime of the project before that of the machine, for npm too. */
const OWN = 'export PATH="$PWD/node_modules/.bin:$PATH"';

it.concurrent.each(['22.12.0', '24'])('installs and runs on Node %s', async (version) => {
  const project = await projectWith(`node@${version}`);
  expect(await project.type(`${OWN}\nnode --version`)).toContain(`v${version}`);
  expect(await project.type(`${OWN}\nnpm install @kv/sdk @kv/fs`)).not.toContain('EBADENGINE');
  expect(await project.type(`${OWN}\nnode main.mjs 2>err`)).toBe(output);
  project.write('main.cjs', commonJsOf(code));
  expect(await project.type(`${OWN}\nnode main.cjs 2>err`)).toBe(output);
});

it.concurrent('is refused by npm on Node 20.20.2, or warned of, with the version that is needed', async () => {
  const project = await projectWith('node@20.20.2');
  const refused = await project.run(`${OWN}\nnpm install --engine-strict @kv/sdk @kv/fs`);
  expect(refused.exitCode).toBe(1);
  for (const said of ['EBADENGINE', '>=22.12.0', 'v20.20.2']) expect(refused.output).toContain(said);
  const warned = await project.run(`${OWN}\nnpm install @kv/sdk @kv/fs`);
  expect(warned).toMatchObject({ exitCode: 0, output: expect.stringContaining('npm warn EBADENGINE') });
  // It happens to run there; nobody promises that it goes on to.
  expect(await project.type(`${OWN}\nnode main.mjs 2>err`)).toBe(output);
});

it.concurrent('installs and runs with Bun', async () => {
  const project = await projectWith('bun@1');
  await project.type(`${OWN}\nnpm install @kv/sdk @kv/fs`);
  expect(await project.type(`${OWN}\nbun main.mjs 2>err`)).toBe(output);
});

it.concurrent('installs and runs with Deno', async () => {
  const project = await projectWith('deno@2');
  await project.type(`${OWN}\nnpm install @kv/sdk @kv/fs`);
  expect(await project.type(`${OWN}\ndeno run --allow-all main.mjs 2>err`)).toBe(output);
});
