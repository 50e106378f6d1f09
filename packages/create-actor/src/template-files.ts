/** The files and folders of the example actor that make up a project; the others are for the repository that it is in. */
export const TEMPLATE_FILES: readonly string[] = [
  '.dockerignore',
  '.gitignore',
  'Dockerfile',
  'README.md',
  'demo',
  'package.json',
  'src',
  'test',
  'tsconfig.json',
];

/** Names a file so that it stays in a tarball and is only text there: npm leaves out `.gitignore`. */
export function hiddenName(file: string): string {
  return /^\.|\.json$/.test(file) ? `_${file}` : file;
}
