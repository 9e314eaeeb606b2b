import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { renderThirdPartyNotices } from './third-party-notices.ts';

const root = path.resolve(import.meta.dirname, '../..');
await writeFile(path.join(root, 'THIRD_PARTY_NOTICES.md'), await renderThirdPartyNotices(root));
