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

/** The offer to end earlier connections, so that they do not pile up; nothing of it is there the first time. */
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
      html`<fieldset key=${teamNo} data-team-no=${teamNo}>
        <legend>${replace.title}${!isOneTeam && html` (<bdi>${teamName}</bdi>)`}</legend>
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
        </div>
        <p class="hint">${replace.hint}</p>
      </fieldset>`,
  );
}
