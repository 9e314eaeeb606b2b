import { ping } from './check-refresh.ts';
import type { Tokens } from './check-sign-in.ts';
import { askForm, differs } from './probe.ts';
import type { Report } from './report.ts';

const AREA = 'Revocation';
const ADVICE =
  'Revoke the connection "Grantcast doctor" on the page Connections, and look at the log of the server.';

/** Ends the connection that the examination made (RFC 7009), and sees that it is over. */
export async function checkRevocation(
  report: Report,
  { mcpUrl, revocationEndpoint, clientId }: { mcpUrl: string; revocationEndpoint: string; clientId: string },
  tokens: Tokens,
): Promise<void> {
  const { status } = await askForm(revocationEndpoint, {
    token: tokens.refreshToken,
    token_type_hint: 'refresh_token',
    client_id: clientId,
  });
  report.check({
    area: AREA,
    what: 'the connection of this examination is revoked again',
    problem: differs(status, 200),
    advice: ADVICE,
  });
  report.check({
    area: AREA,
    what: 'its access token is worth nothing at once',
    problem: differs((await ping(mcpUrl, tokens.accessToken)).status, 401),
    advice: ADVICE,
  });
}
