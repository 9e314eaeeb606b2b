import type { PresetId, Scope } from '../server/scopes.ts';
import { Button, Notice, RadioCard, Select } from './components.ts';
import { ConsentClientFacts, safeName, type ConsentClient } from './consent-client.ts';
import { ConsentDetails, type ConsentDetailsProps } from './consent-details.ts';
import { ConsentReplace, type TeamReplacements } from './consent-replace.ts';
import { html } from './html.ts';
import { Layout } from './layout.ts';

export interface ConsentProps extends ConsentDetailsProps {
  client: ConsentClient;
  personName: string;
  teams: readonly { id: string; label: string }[];
  selectedTeamId: string | undefined;
  presetIds: readonly PresetId[];
  /** What each preset on offer would allow. */
  permissionsOf: Readonly<Partial<Record<PresetId, readonly Scope[]>>>;
  selectedPresetId: PresetId;
  /** What it asks for beyond what its connection may do now; empty unless this is a step-up. */
  newScopes: readonly Scope[];
  replacements: readonly TeamReplacements[];
  csrfToken: string;
  /** Where the form goes: this page. */
  action: string;
}

/** Who asks, for which team, and for how much. Works without JavaScript: what is not chosen is hidden by the style sheet. */
export function ConsentPage(props: ConsentProps) {
  const { words, client, presetIds, permissionsOf, selectedPresetId, newScopes, problem } = props;
  const { consent } = words;
  const heading = client.isOnThisComputer
    ? consent.titleForAppHere
    : consent.titleForSite(client.redirectHost);
  const isAtField = problem === 'posts_per_day' || problem === 'until' || problem === 'until_passed';
  return html`<${Layout}
    title=${`${heading} ${safeName(client, words)}`}
    width="narrow"
    words=${words}
    styles=${['consent']}
  >
    <h1>${heading}</h1>
    <${ConsentClientFacts} client=${client} words=${words} />
    ${newScopes.length > 0 && html`<${NewPermissions} ...${props} />`}
    ${problem && !isAtField && html`<${Notice} tone="problem">${consent.problems[problem]}<//>`}
    <form class="consent" method="post" action=${props.action}>
      <input type="hidden" name="csrf" value=${props.csrfToken} />
      <${Select}
        label=${consent.team}
        name="team"
        value=${props.selectedTeamId}
        options=${props.teams.map(({ id, label }) => ({ value: id, label }))}
      />
      <fieldset>
        <legend>${consent.whatMayItDo}</legend>
        ${presetIds.map(
          (id) =>
            html`<${RadioCard}
              key=${id}
              name="preset"
              value=${id}
              label=${words.presets[id]}
              checked=${id === selectedPresetId}
            >
              <ul>
                ${permissionsOf[id]?.map((scope) => html`<li key=${scope}>${words.scopes[scope]}</li>`)}
              </ul>
            <//>`,
        )}
      </fieldset>
      <${ConsentReplace}
        replacements=${props.replacements}
        words=${words}
        isOneTeam=${props.teams.length === 1}
      />
      <${ConsentDetails} ...${props} />
      <p class="actions">
        <${Button} name="decision" value="allow">${consent.allow}<//>
        <${Button} name="decision" value="deny" look="plain">${consent.deny}<//>
      </p>
    </form>
    <p class="hint">${consent.signedInAs.before}<bdi>${props.personName}</bdi>${consent.signedInAs.after}</p>
  <//>`;
}

function NewPermissions({ words, newScopes }: ConsentProps) {
  const { asksForMore, isNew } = words.consent;
  return html`<${Notice} title=${asksForMore}>
    <p>${isNew}</p>
    <ul>
      ${newScopes.map((scope) => html`<li key=${scope}>${words.scopes[scope]}</li>`)}
    </ul>
  <//>`;
}
