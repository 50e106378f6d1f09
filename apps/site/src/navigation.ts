import type { DefaultTheme } from 'vitepress';
import { PAGES, titleOf } from './pages.ts';

type Item = DefaultTheme.SidebarItem;

/** Lists the guides in the order in which they are read. */
const GUIDES = ['local-storage', 'cloud', 'self-hosting', 'migrate', 'test-with-memory', 'write-a-backend'];

/** The pages at the side, the same on every page. */
export function sidebar(): Item[] {
  return [
    { text: 'Start', items: items('docs/start.md', 'docs/three-ways.md', 'docs/backends.md') },
    { text: 'Guides', items: items(...GUIDES.map((name) => `docs/guides/${name}.md`)) },
    { text: 'Reference', items: itemsUnder('docs/reference/') },
    { text: 'Packages', items: itemsUnder('packages/') },
    { text: 'API', collapsed: true, items: itemsUnder('apps/site/api/') },
    { text: 'Decisions', collapsed: true, items: itemsUnder('docs/decisions/') },
    {
      text: 'More',
      collapsed: true,
      items: items('apps/example-actor/README.md', 'examples/sqlite-backend/README.md', 'CONTRIBUTING.md'),
    },
  ];
}

function itemsUnder(folder: string): Item[] {
  return items(...[...PAGES.keys()].filter((file) => file.startsWith(folder)));
}

function items(...files: readonly string[]): Item[] {
  return files.map((file) => {
    const page = PAGES.get(file);
    if (page === undefined) throw new Error(`The navigation names ${file}, which is no page.`);
    return { text: titleOf(file), link: `/${page.replace(/\.md$/, '')}` };
  });
}
