/** What is read of a package.json here. */
export interface Manifest {
  readonly license?: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

/**
 * Makes the package.json of a project from that of the example actor. It gets the ranges that the generator itself was
 * published with, and nothing that is there for the repository alone; which licence it has is not for us to say.
 */
export function projectManifest(
  { license: _ours, ...app }: Manifest,
  name: string,
  ranges: Readonly<Record<string, string>>,
): object {
  const scripts = Object.entries(app.scripts).map(([script, line]) => [script, line.replace(/ --reporter .*/, '')]);
  return { ...app, name, scripts: Object.fromEntries(scripts), dependencies: { ...app.dependencies, ...ranges } };
}
