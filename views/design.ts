import {
  Button,
  Card,
  EmptyState,
  Field,
  LinkButton,
  Notice,
  Pager,
  RadioCard,
  Select,
  type ButtonLook,
  type NoticeTone,
} from './components.ts';
import { ChartSamples } from './design-charts.ts';
import { COLOURS, SIZES, SPACES } from './design-tokens.ts';
import { html, type Children } from './html.ts';
import { Icon, ICON_NAMES } from './icon.ts';
import { Layout, type Viewer } from './layout.ts';
import { Moment } from './moment.ts';
import { PostList, type ListedPost } from './post-list.ts';
import { STATE_LABELS, StateBadge } from './state-badge.ts';

const PARTS = [
  ['type', 'Type'],
  ['colours', 'Colours'],
  ['spacing', 'Spacing'],
  ['buttons', 'Buttons'],
  ['fields', 'Fields'],
  ['badges', 'Badges'],
  ['notices', 'Notices'],
  ['lists', 'Lists'],
  ['tables', 'Tables'],
  ['charts', 'Charts'],
  ['ways', 'Ways on'],
  ['dialogs', 'Dialogs'],
  ['icons', 'Icons'],
] as const;

const LOOKS: readonly { look: ButtonLook; label: string; use: string }[] = [
  { look: 'primary', label: 'Approve', use: 'the one thing to do here' },
  { look: 'plain', label: 'Preview', use: 'what else can be done' },
  { look: 'danger', label: 'Revoke', use: 'stops or removes something' },
];
const TONES: readonly { tone: NoticeTone; says: string }[] = [
  { tone: 'good', says: 'It worked: approved, it goes out at its time.' },
  { tone: 'note', says: 'Good to know: quiet hours end at 8.' },
  { tone: 'warning', says: 'Needs a look: the account has to be linked again within two days.' },
  { tone: 'problem', says: 'Did not work: this revision is no longer the newest.' },
];
const TEAM_ZONE = 'Europe/Berlin';
const WHEN = new Date('2026-12-05T06:00:00Z');
const POSTS: readonly ListedPost[] = [
  {
    ...{ id: 'a', state: 'awaiting_approval', when: WHEN },
    excerpt: 'We open on Saturday at seven. The first fifty loaves are on us.',
    channels: [
      { network: 'bluesky', handle: 'harbour-bakery.example' },
      { network: 'linkedin', handle: 'Harbour Bakery' },
    ],
  },
  {
    ...{ id: 'b', state: 'published', when: WHEN, excerpt: 'The sign is up!' },
    channels: [{ network: 'mastodon', handle: '@bakery@example.com' }],
  },
];

/** Everything that pages are made of, side by side; for whoever builds pages. */
export function DesignView({ viewer }: { viewer: Viewer }) {
  return html`<${Layout} title="Design" viewer=${viewer} styles=${['charts', 'design']} width="wide">
    <h1>Design</h1>
    <p class="meta">Everything that pages are made of. Light and dark: choose in the corner above.</p>
    <nav class="tabs" aria-label="Parts">
      ${PARTS.map(([id, title]) => html`<a key=${id} href=${`#${id}`}>${title}</a>`)}
    </nav>
    <${Type} /> <${Colours} /> <${Spacing} /> <${Buttons} /> <${Fields} /> <${Badges} /> <${Notices} />
    <${Lists} /> <${Tables} />
    <${Part} id="charts"><${ChartSamples} /><//>
    <${WaysOn} /> <${Dialogs} /> <${Icons} />
  <//>`;
}

function Part({ id, children }: { id: (typeof PARTS)[number][0]; children?: Children }) {
  const title = PARTS.find(([known]) => known === id)![1];
  return html`<section class="card" id=${id}>
    <h2>${title}</h2>
    ${children}
  </section>`;
}

function Type() {
  return html`<${Part} id="type">
    <p class="sample-title">Heading 1: the page, once</p>
    <h3>Heading 2 and 3: a block</h3>
    <p>
      Text: a grant, not a key. Everything a tool does names the connection under which it is done;${' '}
      <a href="#type">a link</a> is told by its line, not by its colour alone.
    </p>
    <p class="meta"><span>Meta: who, where</span><${Moment} at=${WHEN} timeZone=${TEAM_ZONE} /></p>
    <p class="hint">Hint: below a field, one sentence.</p>
    <p class="caption">Caption: the text of a post, as it was written.</p>
    <p><code>code: post_01jc9x</code></p>
    <blockquote>Quotation: what somebody else wrote.</blockquote>
    <ul class="samples">
      ${SIZES.map((size) => html`<li key=${size}><span class=${`sample-${size}`}>Size</span> <code>--${size}</code></li>`)}
    </ul>
  <//>`;
}

function Colours() {
  return html`<${Part} id="colours">
    <p class="hint">Named for what they are for. Each is light and dark at once.</p>
    <ul class="swatches">
      ${COLOURS.map(
        ({ name, use }) =>
          html`<li key=${name}>
            <span class="swatch" data-token=${name}></span>
            <code>--${name}</code>
            <span class="hint">${use}</span>
          </li>`,
      )}
    </ul>
  <//>`;
}

function Spacing() {
  return html`<${Part} id="spacing">
    <ul class="samples">
      ${SPACES.map((name) => html`<li key=${name}><span class="bar" data-token=${name}></span> <code>--${name}</code></li>`)}
    </ul>
  <//>`;
}

function Buttons() {
  return html`<${Part} id="buttons">
    <dl class="facts">
      ${LOOKS.map(
        ({ look, label, use }) =>
          html`<div key=${look}>
            <dt>${look}: ${use}</dt>
            <dd class="actions">
              <${Button} look=${look}>${label}<//>
              <${LinkButton} look=${look} href="#buttons">${label}, as a link<//>
            </dd>
          </div>`,
      )}
      <div>
        <dt>quiet: in the bar above</dt>
        <dd><button class="quiet" type="button">Menu</button></dd>
      </div>
    </dl>
  <//>`;
}

function Fields() {
  const options = ['Berlin', 'Lisbon'].map((label) => ({ value: label, label }));
  return html`<${Part} id="fields">
    <form class="columns sample-fields" aria-label="Fields" action="#fields">
      <${Field} label="Name" name="name" value="Opening week" />
      <${Field} label="Address" name="address" type="url" hint="Where the call goes." />
      <${Field} label="Password" name="password" type="password" error="It needs at least 10 characters." />
      <${Select} label="City" name="city" options=${options} value="Lisbon" hint="Of the team." />
      <${Field} label="Day" name="day" type="date" value="2026-12-05" />
      <${Field} label="Caption" name="caption" rows=${3} value="The sign is up!" hint="285 left." />
      <fieldset>
        <legend>What may it do?</legend>
        <${RadioCard} name="preset" value="look" label="Look only">Reads, and changes nothing.<//>
        <${RadioCard} name="preset" value="draft" label="Write drafts" checked>Nothing goes out by itself.<//>
      </fieldset>
      <p>
        <label><input type="checkbox" name="agree" checked /> Also tell the address above</label>
      </p>
    </form>
  <//>`;
}

function Badges() {
  return html`<${Part} id="badges">
    <p class="hint">A state is told in words; the colour only says how much it concerns you.</p>
    <ul class="samples">
      ${Object.keys(STATE_LABELS).map(
        (state) => html`<li key=${state}><${StateBadge} state=${state} /> <code>${state}</code></li>`,
      )}
    </ul>
  <//>`;
}

function Notices() {
  return html`<${Part} id="notices">
    ${TONES.map(({ tone, says }) => html`<${Notice} key=${tone} tone=${tone} title=${tone}><p>${says}</p><//>`)}
  <//>`;
}

function Lists() {
  return html`<${Part} id="lists">
      <${PostList} posts=${POSTS} timeZone=${TEAM_ZONE} />
      <dl class="facts">
        <div>
          <dt>Channel</dt>
          <dd>Harbour Bakery on LinkedIn</dd>
        </div>
        <div>
          <dt>Guarantee</dt>
          <dd>read back</dd>
        </div>
      </dl>
    <//>
    <${EmptyState} title="No posts yet">
      <p>Ask your editor to draft one, or begin with a campaign.</p>
    <//>`;
}

function Tables() {
  return html`<${Part} id="tables">
    <div class="scroll" tabindex="0" role="region" aria-label="Numbers by channel">
      <table>
        <thead>
          <tr>
            <th scope="col">Channel</th>
            <th scope="col">Posts</th>
            <th scope="col">Likes</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">Bluesky</th>
            <td>12</td>
            <td>340</td>
          </tr>
          <tr>
            <th scope="row">LinkedIn</th>
            <td>8</td>
            <td>97</td>
          </tr>
        </tbody>
      </table>
    </div>
  <//>`;
}

function WaysOn() {
  return html`<${Part} id="ways">
    <nav class="tabs" aria-label="States">
      <a href="#ways" aria-current="page">All</a><a href="#ways">Scheduled</a><a href="#ways">Published</a>
    </nav>
    <${Pager} firstHref="#ways" nextHref="#ways" />
    <details>
      <summary>What closes by itself</summary>
      <p>Details that most people never need.</p>
    </details>
  <//>`;
}

function Dialogs() {
  return html`<${Part} id="dialogs">
    <p class="hint">
      What cannot be taken back is asked on a page of its own, never in a dialog; a popover only shows more.
    </p>
    <p>
      <button class="quiet" type="button" popovertarget="sample-popover">Open a popover</button>
    </p>
    <div id="sample-popover" popover>
      <p>Escape closes it, and so does a click beside it.</p>
    </div>
    <div class="held">
      <p><strong>2 posts are held</strong> because their connection was revoked.</p>
      <p class="actions">
        <${Button} look="primary">Hand over to me<//> <${Button} look="plain">Cancel them<//>
      </p>
    </div>
    <${Card} title="A card" level=${3}><p>A block with a heading of its own.</p><//>
  <//>`;
}

function Icons() {
  return html`<${Part} id="icons">
    <p class="hint">Always beside words that say the same.</p>
    <ul class="samples icons">
      ${ICON_NAMES.map((name) => html`<li key=${name}><${Icon} name=${name} /> <code>${name}</code></li>`)}
    </ul>
  <//>`;
}
