import { spawn } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { text } from 'node:stream/consumers';

/** A code block of the documentation. */
export interface DocBlock {
  /** Its file, from the root that was searched. */
  readonly file: string;
  /** The line on which it begins. */
  readonly line: number;
  /** What stands behind the backquotes; empty where nothing does. */
  readonly language: string;
  /** What is in it. */
  readonly code: string;
}

/** A code block that is run as it is. */
export interface DocExample {
  /** File and line of the block, for the title of its test. */
  readonly title: string;
  /** The code. */
  readonly code: string;
  /** What it must print: the `text` block that follows; `undefined` where there is none. */
  readonly output: string | undefined;
}

/** What a code block did. */
export interface ExampleRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const FENCED = /^```([^\n]*)\n(.*?)^```$/gms;

/** Finds the code blocks in Markdown files, and in the doc comments of source files. */
export function findBlocks(root: string, patterns: readonly string[]): DocBlock[] {
  return globSync([...patterns], { cwd: root })
    .toSorted()
    .flatMap((file) => blocksIn(readFileSync(join(root, file), 'utf8'), file));
}

/** Finds the `ts` blocks among them. */
export function findExamples(root: string, patterns: readonly string[]): DocExample[] {
  const blocks = findBlocks(root, patterns);
  return blocks.flatMap(({ file, line, language, code }, index) => {
    if (language !== 'ts') return [];
    const next = blocks[index + 1];
    const hasOutput = next?.language === 'text' && next.file === file;
    return [{ title: `${file}:${line}`, code, output: hasOutput ? next.code : undefined }];
  });
}

function blocksIn(source: string, file: string): DocBlock[] {
  const markdown = file.endsWith('.md') ? source : source.replaceAll(/^ *\* ?/gm, '');
  return [...markdown.matchAll(FENCED)].map(({ index, 1: language = '', 2: code = '' }) => {
    return { file, line: markdown.slice(0, index).split('\n').length, language, code };
  });
}

/** Runs a code block as a user would: pasted into a file of a project that has the package installed. */
export async function runExample(packageDir: string, { code }: DocExample): Promise<ExampleRun> {
  const base = join(packageDir, '.test-results');
  mkdirSync(base, { recursive: true });
  const dir = mkdtempSync(join(base, 'example-'));
  try {
    writeFileSync(join(dir, 'main.ts'), code);
    return await run(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function run(dir: string): Promise<ExampleRun> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(KV|ACTOR|APIFY|CRAWLEE)_/.test(name)),
  );
  const child = spawn(process.execPath, [join(dir, 'main.ts')], { cwd: dir, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const exit = new Promise<number | null>((resolve) => {
    child.on('exit', resolve);
  });
  const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  // Where the project lies differs from machine to machine.
  return { exitCode, stdout: stdout.replaceAll(dir, '.'), stderr: stderr.replaceAll(relative('/', dir), '.') };
}
