// Copies the example actor into dist/template: a step of the build.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { hiddenName, TEMPLATE_FILES } from './template-files.ts';

const app = join(import.meta.dirname, '../../../apps/example-actor');
const template = join(import.meta.dirname, '../dist/template');

for (const file of TEMPLATE_FILES) cpSync(join(app, file), join(template, hiddenName(file)), { recursive: true });
