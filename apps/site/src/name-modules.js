import { Converter } from 'typedoc';

/**
 * A plugin of typedoc: names modules after their packages, and finds what a package names without importing it in core.
 *
 * @param {import('typedoc').Application} app
 */
export function load({ converter }) {
  converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.children ?? []) module.name = `@kv/${module.name.split('/')[0]}`;
  });
  converter.addUnknownSymbolResolver((reference, { project }) => {
    const name = reference.symbolReference?.path?.[0]?.path ?? '';
    const core = project.children?.find((module) => module.name === '@kv/core');
    return core?.getChildByName([name]) && `core.md#${name.toLowerCase()}`;
  });
}
