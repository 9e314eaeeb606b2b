import type { Tokens } from './check-sign-in.ts';
import { askForm, askJson, type Answer } from './probe.ts';
import type { Report } from './report.ts';

const AREA = 'Refresh';

interface Endpoints {
  mcpUrl: string;
  tokenEndpoint: string;
  clientId: string;
}

/** Refreshes once, then twice at the same time as two windows of one editor do. @returns the newest tokens */
export async function checkRefresh(report: Report, endpoints: Endpoints, tokens: Tokens): Promise<Tokens> {
  const first = await refresh(endpoints, tokens.refreshToken);
  const renewed = readTokens(first);
  report.check({
    area: AREA,
    what: 'a refresh token gives new tokens',
    problem: renewed ? null : describe(first),
    advice: 'Look at the log of the server for the reason that clients do not see.',
  });
  if (!renewed) return tokens;
  report.check({
    area: AREA,
    what: 'and the refresh token is replaced (rotation)',
    problem: renewed.refreshToken === tokens.refreshToken ? 'the same refresh token came back' : null,
    advice: 'A refresh token that never changes is worth stealing.',
  });
  const race = await Promise.all([
    refresh(endpoints, renewed.refreshToken),
    refresh(endpoints, renewed.refreshToken),
  ]);
  const loser = race.find((answer) => !readTokens(answer));
  report.check({
    area: AREA,
    what: 'two refreshes at once both succeed',
    problem: loser ? describe(loser) : null,
    advice: 'Two windows of one editor do this every day; keep REFRESH_REPLAY_SECONDS above 30.',
  });
  const winner = race.map(readTokens).find((one) => one !== null);
  const after = winner ? await refresh(endpoints, winner.refreshToken) : null;
  const latest = after && readTokens(after);
  const isServed = latest ? (await ping(endpoints.mcpUrl, latest.accessToken)).status === 200 : false;
  report.check({
    area: AREA,
    what: 'and the connection lives on after that',
    problem: isServed ? null : after ? describe(after) : 'both were refused',
    advice: 'A race that ends the connection sends people to the browser again and again.',
  });
  return latest ?? winner ?? renewed;
}

function refresh({ tokenEndpoint, clientId, mcpUrl }: Endpoints, refreshToken: string): Promise<Answer> {
  return askForm(tokenEndpoint, {
    grant_type: 'refresh_token',
    refresh_token: refreshToken,
    client_id: clientId,
    resource: mcpUrl,
  });
}

/** Any call at all, for its status. */
export function ping(mcpUrl: string, accessToken: string): Promise<Answer> {
  return askJson(
    mcpUrl,
    { jsonrpc: '2.0', id: 1, method: 'ping' },
    { authorization: `Bearer ${accessToken}` },
  );
}

function readTokens({ status, json }: Answer): Tokens | null {
  const { access_token: accessToken, refresh_token: refreshToken } = json ?? {};
  const isWhole = status === 200 && typeof accessToken === 'string' && typeof refreshToken === 'string';
  return isWhole ? { accessToken, refreshToken } : null;
}

function describe({ status, json }: Answer): string {
  return `status ${status}, ${JSON.stringify(json?.['error'] ?? 'no error code')}`;
}
