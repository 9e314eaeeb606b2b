import { EmptyState, LinkButton } from './components.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';

/** Instead of the form for a new post, where there is nothing for it to be part of. */
export function NoCampaignView({ viewer }: { viewer: Viewer }) {
  const back = { href: '/posts', label: 'Posts' };
  return html`<${Layout} title="New post" viewer=${viewer} section="posts" back=${back}>
    <h1>New post</h1>
    <${EmptyState} title="Every post is part of a campaign, and there is none yet.">
      <p><${LinkButton} href="/campaigns/new" look="primary">Create a campaign<//></p>
    <//>
  <//>`;
}
