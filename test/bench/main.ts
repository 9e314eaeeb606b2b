/**
 * npm run bench [P1 P2 P3 P4 P5 P6 P7 P9 P10 P11 P12]: prints the figures of the product's speed targets as they are on this machine. Figures that
 * compare are measured side by side in one run. It sends load to processes of its own on 127.0.0.1 only.
 */
import os from 'node:os';

import { benchBearerCheck } from './bearer-check.ts';
import { benchBurst } from './burst.ts';
import { benchFirstConnect } from './first-connect.ts';
import { benchGrowth } from './growth.ts';
import { benchImages } from './images.ts';
import { benchPolicy } from './policy.ts';
import { benchPunctuality } from './punctuality.ts';
import { benchStart } from './start.ts';
import { benchTokens } from './tokens.ts';
import { benchToolCalls } from './tool-calls.ts';
import { benchToolsList } from './tools-list.ts';

const BENCHES = {
  P1: benchToolCalls,
  P2: benchPolicy,
  P3: benchBearerCheck,
  P4: benchToolsList,
  P5: benchTokens,
  P6: benchFirstConnect,
  P7: benchStart,
  P9: benchPunctuality,
  P10: benchBurst,
  P11: benchGrowth,
  P12: benchImages,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((id) => !Object.hasOwn(BENCHES, id));
if (unknown.length > 0) {
  process.stderr.write(
    `Unknown target ${unknown.join(', ')}. There are ${Object.keys(BENCHES).join(', ')}.\n`,
  );
  process.exit(1);
}
process.stdout.write(
  `${os.cpus()[0]?.model ?? 'unknown processor'}, ${os.availableParallelism()} cores, Node ${process.version}, ${os.type()} ${os.release()}\n`,
);
for (const [id, bench] of Object.entries(BENCHES)) {
  if (wanted.length === 0 || wanted.includes(id)) await bench();
}
