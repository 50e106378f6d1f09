type Json = Record<string, unknown>;

/**
 * Removes a member from the text of a package.json. The path names it with slashes; `exports/./types` is the condition `types`
 * of the entry.
 *
 * @throws `Error` when there is no such member.
 */
export function removeMember(text: string, path: string): string {
  const manifest = JSON.parse(text) as Json;
  const [field = '', ...rest] = path.split('/');
  const condition = field === 'exports' && /^\.\/(types|default)$/.exec(rest.join('/'))?.[1];
  const parent = condition ? (manifest[field] as Json)['.'] : rest.length > 0 ? manifest[field] : manifest;
  const member = condition || (rest.length > 0 ? rest.join('/') : field);
  if (!removeFrom(parent as Json | string[], member)) throw new Error(`There is no ${path} to remove.`);
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

function removeFrom(parent: Json | string[], member: string): boolean {
  if (!Array.isArray(parent)) return member in parent && delete parent[member];
  const index = parent.indexOf(member);
  if (index !== -1) parent.splice(index, 1);
  return index !== -1;
}
