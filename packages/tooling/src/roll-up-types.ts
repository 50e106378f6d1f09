// Makes one file of a package's declarations: `dist/index.d.ts`, with what its entry exports and nothing else.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';
import { format } from 'oxfmt';

const packageDir = process.cwd();
const declarations = join(packageDir, 'dist/index.d.ts');
const configObject = ExtractorConfig.loadFile(join(packageDir, 'api-extractor.json'));
const config = ExtractorConfig.prepare({
  configObject: {
    ...configObject,
    apiReport: { enabled: false },
    dtsRollup: { enabled: true, untrimmedFilePath: declarations },
  },
  configObjectFullPath: join(packageDir, 'api-extractor.json'),
  packageJsonFullPath: join(packageDir, 'package.json'),
});
const { succeeded } = Extractor.invoke(config, { showVerboseMessages: false });
if (!succeeded) throw new Error(`${packageDir} has declarations that do not fit into one file. See above.`);
const { code } = await format(declarations, readFileSync(declarations, 'utf8'), { printWidth: 120, singleQuote: true });
writeFileSync(declarations, code);
