/** A way to read INPUT, as its users install and write it. */
export interface WeightSubject {
  readonly name: string;
  /** What `npm install` is given; nothing for an empty Node process. */
  readonly packages: readonly string[];
  /** Writes the first value of INPUT to standard output, and ends. */
  readonly program: string;
}

/** What all of them print: the content of `INPUT.json`. */
export const INPUT = { startUrls: ['https://example.com/'] };
/** The subject whose weight is promised. */
export const KV = '`@kv/sdk` + `@kv/fs`';
/** What Node itself takes. */
export const EMPTY = 'an empty Node process';

const actorProgram = (sdk: string): string => `
import { Actor } from '${sdk}';
await Actor.init();
print(await Actor.getInput());
`;

/** All of them. The peers' ranges are those of this app's package.json, where it has them. */
export const WEIGHT_SUBJECTS: readonly WeightSubject[] = [
  { name: EMPTY, packages: [], program: `print(${JSON.stringify(INPUT)});` },
  { name: KV, packages: ['@kv/sdk', '@kv/fs'], program: actorProgram('@kv/sdk') },
  {
    name: '`apify` + `@crawlee/memory-storage`',
    packages: ['apify@^3.7.2', '@crawlee/memory-storage@^3.18.1'],
    program: actorProgram('apify'),
  },
  {
    name: '`unstorage`',
    packages: ['unstorage@^1.17.6'],
    program: `
import { createStorage } from 'unstorage';
import fsDriver from 'unstorage/drivers/fs';
const storage = createStorage({ driver: fsDriver({ base: './storage/key_value_stores/default' }) });
print(await storage.getItem('INPUT.json'));
`,
  },
  {
    name: '`keyv` + `keyv-file`',
    packages: ['keyv@^6.1.0', 'keyv-file@^5.3.5'],
    program: `
import { Keyv } from 'keyv';
import { KeyvFile } from 'keyv-file';
const keyv = new Keyv({ store: new KeyvFile({ filename: './storage/keyv.json' }) });
if (process.argv[2] === 'prepare') await keyv.set('INPUT', ${JSON.stringify(INPUT)});
print(await keyv.get('INPUT'));
`,
  },
];
