import { Button, Form, LinkButton, Notice } from './components.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';

export interface RemoveMemberViewProps {
  viewer: Viewer;
  member: { personId: string; name: string; email: string; connections: number; waitingPosts: number };
  isSelf: boolean;
}

/** Says what ends with the membership before it ends. */
export function RemoveMemberView({ viewer, member, isSelf }: RemoveMemberViewProps) {
  const { personId, name, email, connections, waitingPosts } = member;
  const back = { href: '/people', label: 'People' };
  const title = isSelf ? `Leave ${viewer.team.name}?` : `Remove ${name}?`;
  return html`<${Layout} title=${title} viewer=${viewer} section="team" back=${back} width="narrow">
    <h1>${title}</h1>
    <p>
      ${name} (${email}) no longer sees or changes anything in ${viewer.team.name}. Their account and their
      other teams stay.
    </p>
    ${
      connections + waitingPosts > 0 &&
      html`<${Notice} tone="warning">
        <ul>
          ${connections > 0 && html`<li>${connections === 1 ? 'One connection of theirs is' : `${connections} connections of theirs are`} revoked at once.</li>`}
          ${waitingPosts > 0 && html`<li>${waitingPosts === 1 ? 'One post that waits under their name is' : `${waitingPosts} posts that wait under their name are`} held until somebody takes over.</li>`}
        </ul>
      <//>`
    }
    ${connections + waitingPosts === 0 && html`<p>No connections and no scheduled posts depend on them.</p>`}
    <${Form} action=${`/people/${personId}/remove`} csrfToken=${viewer.csrfToken}>
      <input type="hidden" name="team" value=${viewer.team.id} />
      <div class="actions">
        <${Button} look="danger">${isSelf ? 'Leave the team' : 'Remove'}<//>
        <${LinkButton} href=${back.href}>${isSelf ? 'Stay' : 'Keep them'}<//>
      </div>
    <//>
  <//>`;
}
