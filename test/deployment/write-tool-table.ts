import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { tools } from '../../tools/catalog.ts';
import { putToolTable } from './tool-table.ts';

const readme = path.resolve(import.meta.dirname, '../../README.md');
await writeFile(readme, await putToolTable(readme, tools));
