import { Button, Card, Form, LinkButton, RadioCard } from './components.ts';
import { WaitingPostList, type WaitingPost } from './held-posts.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';

export interface RevokeViewProps {
  viewer: Viewer;
  timeZone: string;
  clientName: string;
  /** Whose connections end. */
  personNames: readonly string[];
  /** How many of them. */
  count: number;
  /** Posts that wait under them. */
  posts: readonly WaitingPost[];
  /** The page to go back to; the form goes to its `/revoke`. */
  path: string;
  /** An owner or editor may take the posts over. */
  mayTakeOver: boolean;
}

/** Says what revoking does before it is done, and asks what becomes of the posts. */
export function RevokeView(props: RevokeViewProps) {
  const { viewer, timeZone, clientName, personNames, count, posts, path } = props;
  const allowedBy = personNames.join(', ');
  return html`<${Layout}
    title="Revoke a connection"
    viewer=${viewer}
    section="connections"
    styles=${['connections']}
    back=${{ href: path, label: clientName }}
    width="narrow"
  >
    <h1>${count === 1 ? `Revoke ${clientName}?` : `Revoke all ${count} connections of ${clientName}?`}</h1>
    <p>
      ${clientName}, allowed by ${allowedBy}, is signed out at once. Every other client goes on. This cannot
      be undone; to use it again, connect it again from the editor.
    </p>
    ${
      posts.length > 0 &&
      html`<${Card}
        title=${posts.length === 1 ? 'One scheduled post depends on it' : `${posts.length} scheduled posts depend on it`}
      >
        <${WaitingPostList} posts=${posts} timeZone=${timeZone} />
      <//>`
    }
    <${Form} action=${`${path}/revoke`} csrfToken=${viewer.csrfToken}>
      <input type="hidden" name="team" value=${viewer.team.id} />
      ${posts.length > 0 ? html`<${PostChoice} ...${props} />` : html`<p>No scheduled posts depend on it.</p>`}
      <div class="actions">
        <${Button} look="danger">Revoke<//>
        <${LinkButton} href=${path}>Keep it<//>
      </div>
    <//>
  <//>`;
}

function PostChoice({ posts, mayTakeOver }: RevokeViewProps) {
  const one = posts.length === 1;
  return html`<fieldset>
    <legend>What becomes of ${one ? 'the post' : 'the posts'}?</legend>
    <${RadioCard} name="posts" value="hold" label=${one ? 'Hold it' : 'Hold them'} checked=${true}>
      <p>Nothing goes out. You can hand over what is held to yourself later, or cancel it.</p>
    <//>
    ${
      mayTakeOver &&
      html`<${RadioCard}
        name="posts"
        value="take_over"
        label=${one ? 'Take it over now' : 'Take them over now'}
      >
        <p>
          What was approved, or could go out without approval, goes out at its time under your name. The rest
          waits for your approval.
        </p>
      <//>`
    }
  </fieldset>`;
}
