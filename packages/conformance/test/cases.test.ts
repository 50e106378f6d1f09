import { expect, it } from 'vitest';
import { KEY_VALUE_STORE_CASES } from '../src/index.js';

/** Renders `docs/reference/conformance.md`; `vitest -u` writes it. */
function renderPage(): string {
  const groups = Map.groupBy(KEY_VALUE_STORE_CASES, ({ group }) => group);
  const sections = [...groups].map(([group, cases]) => {
    const lines = cases.map(({ id, behaviour, needs }) => {
      const needed = needs?.map((capability) => `\`${capability}\``).join(' and ');
      return `- **${id}** ${behaviour}${needed === undefined ? '' : ` Needs ${needed}.`}`;
    });
    return `## ${group.charAt(0).toUpperCase()}${group.slice(1)}\n\n${lines.join('\n')}\n`;
  });
  const intro = `What every backend of key-value stores does, as [\`@kv/conformance\`](../../packages/conformance/README.md) checks it: ${KEY_VALUE_STORE_CASES.length} cases. A case keeps its number for good. One that needs capabilities is skipped on a backend that does not declare them.`;
  return `# Conformance\n\n${intro}\n\n${sections.join('\n')}`;
}

it('gives each case an id of its own and one sentence', () => {
  const ids = KEY_VALUE_STORE_CASES.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { id, behaviour } of KEY_VALUE_STORE_CASES) {
    expect(id).toMatch(/^KVS-\d{3}$/);
    expect(behaviour).toMatch(/^[`A-Z0-9].*\.$/);
    expect(behaviour).not.toMatch(/\bshould\b/);
  }
});

it('lists the cases on a page of the docs', async () => {
  await expect(renderPage()).toMatchFileSnapshot('../../../docs/reference/conformance.md');
});
