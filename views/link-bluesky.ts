import { Button, Field, Form, Notice } from './components.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';

export interface LinkBlueskyViewProps {
  viewer: Viewer;
  values: { handle: string; serviceUrl: string };
  problem?: { field: string | undefined; message: string } | undefined;
}

const FIELDS = ['handle', 'appPassword', 'serviceUrl'];

export function LinkBlueskyView({ viewer, values, problem }: LinkBlueskyViewProps) {
  const errorOf = (field: string) => (problem?.field === field ? problem.message : undefined);
  const back = { href: '/channels', label: 'Channels' };
  return html`<${Layout} title="Link Bluesky" viewer=${viewer} section="channels" back=${back} width="narrow">
    <h1>Link a Bluesky account</h1>
    ${problem && !FIELDS.includes(problem.field ?? '') && html`<${Notice} tone="problem">${problem.message}<//>`}
    <p>
      Make an app password in Bluesky under${' '}<a href="https://bsky.app/settings/app-passwords"
        >Settings, App passwords</a
      >. It can post, but it cannot change or delete the account, and you can take it back there at any time.
    </p>
    <${Form} action="/channels/link/bluesky" csrfToken=${viewer.csrfToken}>
      <input type="hidden" name="team" value=${viewer.team.id} />
      <${Field}
        label="Handle"
        name="handle"
        value=${values.handle}
        hint="For example name.bsky.social"
        error=${errorOf('handle')}
        autocomplete="off"
        spellcheck=${false}
        required
      />
      <${Field}
        label="App password"
        name="appPassword"
        type="password"
        hint="Four groups of four, like abcd-efgh-ijkl-mnop. Not the password of the account."
        error=${errorOf('appPassword')}
        autocomplete="off"
        required
      />
      <details open=${values.serviceUrl !== '' || undefined}>
        <summary>The account is on a server of its own</summary>
        <${Field}
          label="Server address"
          name="serviceUrl"
          type="url"
          value=${values.serviceUrl}
          hint="Leave it empty for accounts on bsky.social."
          error=${errorOf('serviceUrl')}
        />
      </details>
      <${Button}>Link the account<//>
    <//>
  <//>`;
}
