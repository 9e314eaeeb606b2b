import type { PresetId, Scope } from '../server/scopes.ts';
import { Field } from './components.ts';
import { html, type Children } from './html.ts';
import { channelName } from './networks.ts';
import type { ConsentProblem, Words } from './words/words.ts';

/** The permissions that a preset adds to the one before it. */
export interface PermissionGroup {
  presetId: PresetId;
  permissions: readonly { scope: Scope; field: string; isTicked: boolean }[];
}

export interface TeamChannels {
  /** Its place in the list of teams, from 1. */
  teamNo: number;
  teamName: string;
  channels: readonly { field: string; network: string; handle: string; isTicked: boolean }[];
}

export interface ConsentDetailsProps {
  words: Words;
  groups: readonly PermissionGroup[];
  /** Null when publishing is not on offer. */
  channels: readonly TeamChannels[] | null;
  postsPerDay: string;
  until: string;
  /** The name of the hidden field that says that the form had details. */
  marker: string;
  problem: ConsentProblem | undefined;
}

const PROBLEMS_OF_DETAILS: readonly (ConsentProblem | undefined)[] = [
  'no_permission',
  'unknown_channel',
  'no_channel',
  'posts_per_day',
  'until',
  'until_passed',
];

/**
 * What hardly anybody touches, closed. Everything is in the page, so that it works without JavaScript; the style sheet
 * shows what belongs to the chosen preset and team. The server takes away what does not.
 */
export function ConsentDetails({
  words,
  groups,
  channels,
  postsPerDay,
  until,
  marker,
  problem,
}: ConsentDetailsProps) {
  const { details, consent } = words;
  const errorOf = (...problems: ConsentProblem[]) =>
    problem && problems.includes(problem) ? consent.problems[problem] : undefined;
  return html`<details open=${PROBLEMS_OF_DETAILS.includes(problem)}>
    <summary>${details.summary}</summary>
    <div class="details">
      <input type="hidden" name=${marker} value="yes" />
      <fieldset>
        <legend>${details.permissions}</legend>
        <p class="hint">${details.permissionsHint}</p>
        ${groups.map(
          ({ presetId, permissions }) =>
            html`<div key=${presetId} class="checks" data-from=${presetId}>
              ${permissions.map(
                ({ scope, field, isTicked }) =>
                  html`<${Check} key=${scope} name=${field} checked=${isTicked}>${words.scopes[scope]}<//>`,
              )}
            </div>`,
        )}
      </fieldset>
      ${
        channels &&
        html`<fieldset data-from="publish">
          <legend>${details.publishing}</legend>
          <p class="hint">${details.publishingHint}</p>
          ${channels.map(
            (team) =>
              html`<${ChannelChecks}
                key=${team.teamNo}
                team=${team}
                words=${words}
                isOnly=${channels.length === 1}
              />`,
          )}
          <${Field}
            label=${details.postsPerDay}
            name="posts_per_day"
            inputmode="numeric"
            autocomplete="off"
            value=${postsPerDay}
            hint=${details.postsPerDayHint}
            error=${errorOf('posts_per_day')}
            autofocus=${problem === 'posts_per_day'}
          />
          <${Field}
            label=${details.until}
            name="until"
            type="date"
            value=${until}
            hint=${details.untilHint}
            error=${errorOf('until', 'until_passed')}
            autofocus=${errorOf('until', 'until_passed') !== undefined}
          />
        </fieldset>`
      }
    </div>
  </details>`;
}

function ChannelChecks({ team, words, isOnly }: { team: TeamChannels; words: Words; isOnly: boolean }) {
  const title = words.details.channelsOf(team.teamName);
  return html`<div class="checks" role="group" aria-label=${title} data-team-no=${team.teamNo}>
    ${!isOnly && html`<p class="hint">${title}</p>`}
    ${team.channels.length === 0 && html`<p class="hint">${words.details.noChannels}</p>`}
    ${team.channels.map(
      ({ field, network, handle, isTicked }) =>
        html`<${Check} key=${field} name=${field} checked=${isTicked}>
          <bdi>${channelName({ network, handle })}</bdi>
        <//>`,
    )}
  </div>`;
}

/** A box with its label. */
export function Check(props: { name: string; checked: boolean; children?: Children }) {
  return html`<label class="check">
    <input type="checkbox" name=${props.name} value="yes" checked=${props.checked} />
    <span>${props.children}</span>
  </label>`;
}
