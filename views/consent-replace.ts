import { Check } from './consent-details.ts';
import { html } from './html.ts';
import type { ReplaceReason, Words } from './words/words.ts';

/** Earlier connections of the same client in one team. */
export interface TeamReplacements {
  /** Its place in the list of teams, from 1. */
  teamNo: number;
  teamName: string;
  connections: readonly ReplaceableConnection[];
}

export interface ReplaceableConnection {
  field: string;
  isTicked: boolean;
  madeOn: string;
  lastUsedOn: string | null;
  waitingPosts: number;
  reason: ReplaceReason;
}

/**
 * The offer to end earlier connections, so that they do not pile up; nothing of it is there the first time. It is open
 * where one is ticked, so that nobody ends a connection unseen.
 */
export function ConsentReplace({
  replacements,
  words,
  isOneTeam,
}: {
  replacements: readonly TeamReplacements[];
  words: Words;
  isOneTeam: boolean;
}) {
  const { replace } = words;
  return replacements.map(
    ({ teamNo, teamName, connections }) =>
      html`<details
        key=${teamNo}
        class="replace"
        data-team-no=${teamNo}
        open=${connections.some(({ isTicked }) => isTicked)}
      >
        <summary>${replace.title}${!isOneTeam && html` (<bdi>${teamName}</bdi>)`}</summary>
        <div class="checks">
          ${connections.map(
            (connection) =>
              html`<${Check} key=${connection.field} name=${connection.field} checked=${connection.isTicked}>
                ${replace.connection(connection.madeOn)}
                <span class="hint">
                  ${connection.lastUsedOn ? replace.lastUsed(connection.lastUsedOn) : replace.neverUsed}${' '}
                  ${replace.posts(connection.waitingPosts)}${' '}${replace.because[connection.reason]}
                </span>
              <//>`,
          )}
          <p class="hint">${replace.hint}</p>
        </div>
      </details>`,
  );
}
