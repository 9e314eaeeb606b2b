import { Button, Field, Form, Notice } from './components.ts';
import { html } from './html.ts';
import type { LinkProblem } from './link-network.ts';
import { Layout, type Viewer } from './layout.ts';

export interface LinkBlueskyViewProps {
  viewer: Viewer;
  /** Accounts can come back to the address of this server. */
  isOauthReady: boolean;
  /** The channel to be linked again. */
  relinks?: { channelId: string; handle: string } | undefined;
  /** What went wrong on the way by Bluesky's own pages. */
  oauthProblem?: LinkProblem | undefined;
  values: { handle: string; serviceUrl: string };
  problem?: { field: string | undefined; message: string } | undefined;
}

const FIELDS = ['handle', 'appPassword', 'serviceUrl'];

export function LinkBlueskyView(props: LinkBlueskyViewProps) {
  const { viewer, values, problem, isOauthReady, relinks, oauthProblem } = props;
  const errorOf = (field: string) => (problem?.field === field ? problem.message : undefined);
  const back = { href: '/channels', label: 'Channels' };
  return html`<${Layout} title="Link Bluesky" viewer=${viewer} section="channels" back=${back} width="narrow">
    <h1>${relinks ? html`Link <bdi>${relinks.handle}</bdi> on Bluesky again` : 'Link a Bluesky account'}</h1>
    ${
      oauthProblem &&
      oauthProblem.field !== 'answer' &&
      html`<${Notice} tone="problem">${oauthProblem.message}<//>`
    }
    ${problem && !FIELDS.includes(problem.field ?? '') && html`<${Notice} tone="problem">${problem.message}<//>`}
    ${isOauthReady && html`<${OwnPages} ...${props} />`}
    ${
      isOauthReady
        ? html`<h2>Or with an app password</h2>`
        : html`<p class="hint">
            Linking by Bluesky's own pages needs <code>PUBLIC_URL</code> to be an https address, or this very
            machine.
          </p>`
    }
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
      <${Button} look=${isOauthReady ? 'plain' : 'primary'}>Link the account<//>
    <//>
  <//>`;
}

function OwnPages({ viewer, values, relinks, oauthProblem }: LinkBlueskyViewProps) {
  return html`<p>
      You go to the pages of your account's server and allow Grantcast to post, to upload pictures and to
      delete its posts, and nothing else. You can take that back there at any time.
    </p>
    <${Form}
      action="/channels/link/bluesky/begin"
      csrfToken=${viewer.csrfToken}
      label="Link by Bluesky's own pages"
    >
      <input type="hidden" name="team" value=${viewer.team.id} />
      ${relinks && html`<input type="hidden" name="channel" value=${relinks.channelId} />`}
      <${Field}
        label="Account"
        name="answer"
        value=${values.handle}
        hint="Its handle, for example name.bsky.social"
        error=${oauthProblem?.field === 'answer' ? oauthProblem.message : undefined}
        autocomplete="off"
        spellcheck=${false}
        maxlength=${253}
        required
      />
      <${Button}>Continue to Bluesky<//>
    <//>`;
}
