import type { ClientHistory } from './client-history.ts';
import { reasonWords } from './diagnose-tokens.ts';
import type { Diagnosis } from './diagnosis.ts';

/** A client that looks for this server's pages where they are not, or was not let in at the door. */
export function diagnosePaths({ steps }: ClientHistory): Diagnosis[] {
  const wrong = steps.filter(({ kind }) => kind === 'wrong_path');
  const lastWrong = wrong.at(-1);
  const lastRight = steps.findLast(({ kind }) => RIGHT.has(kind));
  const found: Diagnosis[] = [];
  if (lastWrong) {
    const isOver = lastRight !== undefined && lastRight.at > lastWrong.at;
    // The reason is a method and a path.
    const paths = [
      ...new Map(wrong.map(({ reason, at }) => [reason?.replace(/^[A-Z]+ /, '') ?? 'a path', at])),
    ].slice(-5);
    found.push({
      mode: 'wrong_path',
      code: 'wrong_path',
      tone: isOver ? 'note' : 'problem',
      title: isOver ? 'It looked in the wrong place before it found the way' : 'It looks in the wrong place',
      seen: paths.map(([path, at]) => ({ text: `It asked for ${path}, and nothing is there.`, at })),
      meaning: isOver
        ? 'Some editors try several addresses. It found the right one afterwards, so nothing is broken.'
        : 'The address in the editor is not quite that of this server, or a proxy in front of it drops a part of the path. The editor cannot find out how to sign in.',
      todo: isOver
        ? 'Nothing.'
        : 'Copy the MCP address from this page into the editor, without anything after /mcp. Behind a proxy, pass /mcp and everything under /.well-known/ on unchanged.',
    });
  }
  return [...found, ...findRegistrationRefused({ steps })];
}

const RIGHT: ReadonlySet<string> = new Set([
  'registered',
  'consent_shown',
  'connection.created',
  'token_issued',
  'token_refreshed',
  'first_call',
]);

function findRegistrationRefused({ steps }: Pick<ClientHistory, 'steps'>): Diagnosis[] {
  const refused = steps.findLast(({ kind }) => kind === 'registration_refused');
  if (!refused || steps.some(({ kind, at }) => kind === 'registered' && at > refused.at)) return [];
  return [
    {
      mode: 'client_quirk',
      code: 'registration_refused',
      tone: 'problem',
      title: 'It could not register itself',
      seen: [{ text: reasonWords(refused), at: refused.at }],
      meaning:
        'What the editor says about itself is not acceptable here, most often where it wants answers sent.',
      todo: 'Update the editor. If it stays so, report the reason above to its makers.',
    },
  ];
}
