import { Button, Notice, RadioCard, Select } from './components.ts';
import { html } from './html.ts';
import { Layout } from './layout.ts';

export interface ConsentPreset {
  id: string;
  label: string;
  /** What it would allow, in words. */
  permissions: readonly string[];
}

export interface ConsentProps {
  clientName: string;
  /** Where the answer goes: a host or the scheme of an app. */
  redirectHost: string;
  /** The answer stays on this computer, where no host name vouches for the app. */
  isOnThisComputer: boolean;
  personName: string;
  teams: readonly { id: string; label: string }[];
  selectedTeamId: string | undefined;
  presets: readonly ConsentPreset[];
  selectedPresetId: string;
  csrfToken: string;
  /** Where the form goes: this page. */
  action: string;
  /** What was wrong with the answer before. */
  problem?: string | undefined;
}

/** Who asks, for which team, and for how much. Works without JavaScript: what is not chosen is hidden by the style sheet. */
export function ConsentPage(props: ConsentProps) {
  const { clientName, personName, problem, presets, selectedPresetId } = props;
  return html`<${Layout} title=${`Connect ${clientName}`} width="narrow">
    <h1>Connect <bdi>${clientName}</bdi> to Grantcast?</h1>
    <${RedirectFact} ...${props} />
    ${problem && html`<${Notice} tone="problem">${problem}<//>`}
    <form class="consent" method="post" action=${props.action}>
      <input type="hidden" name="csrf" value=${props.csrfToken} />
      <${Select}
        label="Team"
        name="team"
        value=${props.selectedTeamId}
        options=${props.teams.map(({ id, label }) => ({ value: id, label }))}
      />
      <fieldset>
        <legend>What may it do?</legend>
        ${presets.map(
          (preset) =>
            html`<${RadioCard}
              key=${preset.id}
              name="preset"
              value=${preset.id}
              label=${preset.label}
              checked=${preset.id === selectedPresetId}
            >
              <ul>
                ${preset.permissions.map((permission) => html`<li key=${permission}>${permission}</li>`)}
              </ul>
            <//>`,
        )}
      </fieldset>
      <p class="actions">
        <${Button} name="decision" value="allow">Allow<//>
        <${Button} name="decision" value="deny" look="plain">Deny<//>
      </p>
    </form>
    <p class="hint">You are signed in as ${personName}. You can revoke this at any time under Connections.</p>
  <//>`;
}

function RedirectFact({ clientName, redirectHost, isOnThisComputer }: ConsentProps) {
  if (!isOnThisComputer) {
    return html`<p class="fact">
      Access goes to <strong>${redirectHost}</strong>. Go on only if you trust that site; the name
      “<bdi>${clientName}</bdi>” is what the app calls itself.
    </p>`;
  }
  return html`<p class="fact">
    Access goes to an app on this computer (<strong>${redirectHost}</strong>). Go on only if you have just
    started to connect it yourself; the name “<bdi>${clientName}</bdi>” is what the app calls itself.
  </p>`;
}
