import type { ClientHistory, ClientStep } from './client-history.ts';
import { isAboutClientId, reasonWords } from './diagnose-tokens.ts';
import type { Diagnosis } from './diagnosis.ts';

const MANY_REGISTRATIONS = 3;

/** Habits of clients that this server copes with, or that only their makers can change. */
export function diagnoseQuirks(history: ClientHistory): Diagnosis[] {
  return [
    ...findForgottenClient(history),
    ...findAuthorizeRefused(history),
    ...findDocumentFailed(history),
    ...findUnansweredChallenges(history),
    ...findReregistration(history),
    ...findHeaderShim(history),
    ...findDenied(history),
  ];
}

function findForgottenClient({ steps }: ClientHistory): Diagnosis[] {
  const refused = steps.findLast(
    ({ kind, reason }) =>
      (kind === 'authorize_refused' || kind === 'token_refused') && isAboutClientId(reason),
  );
  if (!refused || hasSucceededSince(steps, refused)) return [];
  return [
    {
      mode: 'client_quirk',
      code: 'forgotten_client',
      tone: 'problem',
      title: 'It uses a registration that this server does not know',
      seen: [{ text: reasonWords(refused), at: refused.at }],
      meaning:
        'The editor remembers a registration that was made elsewhere, or was removed here because nobody ever finished it.',
      todo: 'Remove this server from the editor and add it again: it then registers anew.',
    },
  ];
}

function findAuthorizeRefused({ steps }: ClientHistory): Diagnosis[] {
  const refused = steps.findLast(({ kind }) => kind === 'authorize_refused');
  if (!refused || isAboutClientId(refused.reason) || hasSucceededSince(steps, refused)) return [];
  const isRedirect = /redirect_uri/i.test(refused.reason ?? '');
  return [
    {
      mode: 'client_quirk',
      code: isRedirect ? 'redirect_mismatch' : 'authorize_refused',
      tone: 'problem',
      title: isRedirect
        ? 'It wants its answer sent where it did not say before'
        : 'Its request to sign in was refused',
      seen: [{ text: reasonWords(refused), at: refused.at }],
      meaning: isRedirect
        ? 'When it registered it named the addresses for its answers, and now it asks for another one. This server refuses that, because the answer could reach somebody else.'
        : 'What the editor asked for is not acceptable here, so nobody was asked.',
      todo: isRedirect
        ? 'Remove this server from the editor and add it again: it then registers the address that it uses now.'
        : 'Update the editor and try again. If it stays so, report the reason above to its makers.',
    },
  ];
}

function findDocumentFailed({ steps }: ClientHistory): Diagnosis[] {
  const failed = steps.findLast(({ kind }) => kind === 'document_failed');
  if (!failed || steps.some(({ kind, at }) => kind === 'document_read' && at > failed.at)) return [];
  const isBlocking = !hasSucceededSince(steps, failed);
  return [
    {
      mode: 'client_quirk',
      code: 'document_failed',
      tone: isBlocking ? 'problem' : 'note',
      title: 'The page on which it describes itself cannot be read',
      seen: [{ text: reasonWords(failed), at: failed.at }],
      meaning: isBlocking
        ? 'This editor publishes who it is on its makers’ web site, and this server could not fetch that. Nobody can be asked for consent until it can.'
        : 'This editor publishes who it is on its makers’ web site. This server works with what it read there last, so nothing is broken.',
      todo: isBlocking
        ? 'Try again in some minutes. If it stays so, let this server reach that web site, or switch these documents off in its settings: editors then register in the older way.'
        : 'Nothing.',
    },
  ];
}

/** It was told what permission is missing, and nobody was asked for it since. */
function findUnansweredChallenges({ steps }: ClientHistory): Diagnosis[] {
  const lastAsked = steps.findLast(({ kind }) => kind === 'consent_shown' || kind === 'connection.created');
  const challenges = steps.filter(
    ({ kind, at }) => kind === 'scope_challenged' && at > (lastAsked?.at ?? new Date(0)),
  );
  const last = challenges.at(-1);
  if (!last) return [];
  const isRepeated = challenges.length > 1;
  return [
    {
      mode: 'client_quirk',
      code: 'asks_in_vain',
      tone: isRepeated ? 'warning' : 'note',
      title: isRepeated ? 'It keeps trying what it may not do' : 'It tried what it may not do',
      seen: [
        {
          text: `It was told ${isRepeated ? `${challenges.length} times ` : ''}what permission is missing${last.reason ? `: ${last.reason}` : ''}.`,
          at: last.at,
        },
      ],
      meaning:
        'A good editor would now open the consent page and ask you for more. This one has not, so nothing was done.',
      todo: 'If it should be able to do this, sign out of this server in the editor and connect again, and choose more on the consent page. If not, tell it so.',
      connectionId: last.connectionId ?? undefined,
    },
  ];
}

function findReregistration({ steps, clientIdCount }: ClientHistory): Diagnosis[] {
  const last = steps.findLast(({ kind }) => kind === 'registered');
  if (!last || clientIdCount < MANY_REGISTRATIONS) return [];
  return [
    {
      mode: 'client_quirk',
      code: 'registers_each_time',
      tone: 'note',
      title: 'It registers anew each time',
      seen: [{ text: `It has registered ${clientIdCount} times.`, at: last.at }],
      meaning:
        'Some editors do not remember that they registered, or do so for each window. Each connection of it is listed here, older ones too.',
      todo: 'Revoke the connections that were not used for long. The consent page offers to replace an earlier one.',
    },
  ];
}

function findHeaderShim({ steps }: ClientHistory): Diagnosis[] {
  const used = steps.findLast(({ kind }) => kind === 'header_shim_used');
  if (!used) return [];
  return [
    {
      mode: 'client_quirk',
      code: 'mixed_protocols',
      tone: 'note',
      title: 'It mixes two versions of the protocol',
      seen: [{ text: 'Its headers named one version and its message another.', at: used.at }],
      meaning: 'This server understood it all the same.',
      todo: 'Nothing. An update of the editor may end it.',
    },
  ];
}

function findDenied({ steps }: ClientHistory): Diagnosis[] {
  const denied = steps.findLast(({ kind }) => kind === 'consent_denied');
  if (!denied || hasSucceededSince(steps, denied)) return [];
  return [
    {
      mode: 'client_quirk',
      code: 'denied',
      tone: 'note',
      title: 'A person said no',
      seen: [{ text: 'The consent page was answered with Deny.', at: denied.at }],
      meaning: 'It holds no key and can do nothing.',
      todo: 'Nothing. To allow it after all, connect again from the editor.',
    },
  ];
}

function hasSucceededSince(steps: readonly ClientStep[], { at }: ClientStep): boolean {
  return steps.some(
    (step) =>
      step.at > at &&
      ['connection.created', 'token_issued', 'token_refreshed', 'first_call'].includes(step.kind),
  );
}
