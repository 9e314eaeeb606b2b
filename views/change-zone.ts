import { Button, Card, Form, LinkButton } from './components.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { Moment } from './moment.ts';

export interface ChangeZoneViewProps {
  viewer: Viewer;
  /** What is to be saved with it. */
  changes: { name: string; timeZone: string; language: string };
  from: string;
  /** What goes out next, the earliest first. */
  posts: readonly { id: string; excerpt: string; when: Date | null }[];
  hasMore: boolean;
}

/** What another zone does to what is on the calendar, before it is so. */
export function ChangeZoneView({ viewer, changes, from, posts, hasMore }: ChangeZoneViewProps) {
  const { name, timeZone: to, language } = changes;
  const [before, after] = [from, to].map((zone) => zone.replaceAll('_', ' '));
  const back = { href: '/team', label: 'Team' };
  return html`<${Layout}
    title="Change the time zone"
    viewer=${viewer}
    section="team"
    back=${back}
    width="narrow"
  >
    <h1>Change the time zone to ${after}?</h1>
    <${Card} title="What stays">
      <p>
        Every post on the calendar goes out at the very moment that was chosen for it. Its time is shown by
        other clocks:
      </p>
      ${
        posts.length === 0
          ? html`<p class="hint">Nothing is on the calendar.</p>`
          : html`<ul class="list">
              ${posts.map(
                ({ id, excerpt, when }) =>
                  html`<li key=${id}>
                    <a class="main" href=${`/posts/${id}`}>${excerpt.trim() || 'A post without words'}</a>
                    ${
                      when &&
                      html`<p class="meta">
                        <${Moment} at=${when} timeZone=${from} />
                        <span>becomes${' '}<${Moment} at=${when} timeZone=${to} /></span>
                      </p>`
                    }
                  </li>`,
              )}
            </ul>`
      }
      ${hasMore && html`<p class="hint">And so do those after them.</p>`}
    <//>
    <${Card} title="What changes">
      <ul>
        <li>Queue slots, quiet hours and days are times of clocks: from now on of those in ${after}.</li>
        <li>Times that people and clients give without a zone are read in it.</li>
        <li>A day in the numbers begins at midnight there.</li>
      </ul>
    <//>
    <${Form} action="/team/settings" csrfToken=${viewer.csrfToken} label="Change the time zone">
      <input type="hidden" name="team" value=${viewer.team.id} />
      <input type="hidden" name="teamName" value=${name} />
      <input type="hidden" name="timeZone" value=${to} />
      <input type="hidden" name="language" value=${language} />
      <input type="hidden" name="instead" value=${from} />
      <div class="actions">
        <${Button}>Change it<//>
        <${LinkButton} href="/team">Keep ${before}<//>
      </div>
    <//>
  <//>`;
}
