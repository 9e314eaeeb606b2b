// npm run doctor -- URL [--no-sign-in]: examines a deployment from outside, as a client would.
import { parseArgs } from 'node:util';

import { renderReport } from './report.ts';
import { runDoctor } from './run-doctor.ts';

const USAGE = `npm run doctor -- URL [--no-sign-in]

  URL            the address that people give to their editor, for example https://grantcast.example/mcp
  --no-sign-in   leave out what needs a person: tokens, tool calls, refresh, revocation

Ends with 0 when nothing failed, with 1 when something did.
`;

const print = (text: string) => process.stdout.write(`${text}\n`);
const mcpUrl = readMcpUrl();
if (mcpUrl) {
  print(`Examining ${mcpUrl.url}`);
  const findings = await runDoctor({
    mcpUrl: mcpUrl.url,
    show: mcpUrl.hasPerson
      ? (url) => print(`\nOpen this in your browser, sign in and press Allow:\n\n  ${url}\n\nWaiting …`)
      : null,
  });
  print(renderReport(findings));
  process.exitCode = findings.some(({ state }) => state === 'fail') ? 1 : 0;
} else {
  process.stderr.write(USAGE);
  process.exitCode = 1;
}

function readMcpUrl(): { url: string; hasPerson: boolean } | null {
  const options = { 'no-sign-in': { type: 'boolean' }, help: { type: 'boolean' } } as const;
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    const url = URL.parse(positionals[0] ?? '');
    if (values.help || positionals.length !== 1 || !url || !/^https?:$/.test(url.protocol)) return null;
    if (url.pathname === '/') url.pathname = '/mcp';
    return { url: url.href, hasPerson: !values['no-sign-in'] };
  } catch {
    return null;
  }
}
