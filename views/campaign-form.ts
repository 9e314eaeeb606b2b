import { Button, Field, Form, LinkButton, Notice } from './components.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { channelName, type NamedChannel } from './networks.ts';

/** A brief as it stands in the form. */
export interface TypedBrief {
  name: string;
  goal: string;
  audience: string;
  /** One a line. */
  keyMessages: string;
  startsOn: string;
  endsOn: string;
  channelIds: readonly string[];
}

export type BriefField = Exclude<keyof TypedBrief, 'channelIds'> | 'channels';

export interface CampaignFormViewProps {
  viewer: Viewer;
  /** Of a campaign that is there, as it was shown. */
  campaign: { id: string; rev: number } | null;
  brief: TypedBrief;
  channels: readonly (NamedChannel & { channelId: string })[];
  /** Why nothing was saved. */
  problem: string | undefined;
  errors: Partial<Record<BriefField, string>>;
}

/** Creating a campaign, or changing its brief. */
export function CampaignFormView(props: CampaignFormViewProps) {
  const { viewer, campaign, brief, channels, problem, errors } = props;
  const path = campaign ? `/campaigns/${campaign.id}` : '/campaigns';
  const title = campaign ? 'Edit the brief' : 'New campaign';
  const back = { href: path, label: campaign ? 'The campaign' : 'Campaigns' };
  return html`<${Layout}
    title=${title}
    viewer=${viewer}
    section="campaigns"
    back=${back}
    width="narrow"
    styles=${['editor']}
  >
    <h1>${title}</h1>
    ${problem && html`<${Notice} tone="problem" title="Nothing was saved.">${problem}<//>`}
    <${Form}
      action=${campaign ? `${path}/edit` : '/campaigns/new'}
      csrfToken=${viewer.csrfToken}
      label=${title}
    >
      <input type="hidden" name="team" value=${viewer.team.id} />
      ${campaign && html`<input type="hidden" name="rev" value=${campaign.rev} />`}
      <${Field} label="Name" name="name" value=${brief.name} error=${errors.name} required maxlength=${120} />
      <${Field}
        label="Goal"
        name="goal"
        value=${brief.goal}
        error=${errors.goal}
        rows=${3}
        required
        maxlength=${2000}
        hint="What it is to achieve, in a sentence or two"
      />
      <${Field}
        label="Audience"
        name="audience"
        value=${brief.audience}
        error=${errors.audience}
        rows=${2}
        maxlength=${2000}
        hint="Who should read it"
      />
      <${Field}
        label="Key messages"
        name="keyMessages"
        value=${brief.keyMessages}
        error=${errors.keyMessages}
        rows=${4}
        maxlength=${10_020}
        hint="One a line, at most 20. Captions are written from them."
      />
      <div class="dates">
        <${Field}
          label="Starts on"
          name="startsOn"
          type="date"
          value=${brief.startsOn}
          error=${errors.startsOn}
        />
        <${Field} label="Ends on" name="endsOn" type="date" value=${brief.endsOn} error=${errors.endsOn} />
      </div>
      <fieldset aria-describedby=${errors.channels ? 'channels-error' : undefined}>
        <legend>Channels</legend>
        <div class="ticks">
          ${channels.map((channel) => html`<${ChannelTick} key=${channel.channelId} channel=${channel} isChosen=${brief.channelIds.includes(channel.channelId)} />`)}
        </div>
        ${channels.length === 0 && html`<p class="hint">No channel is linked yet. <a href="/channels">Link one</a></p>`}
        ${errors.channels && html`<p class="error" id="channels-error">${errors.channels}</p>`}
      </fieldset>
      <div class="actions">
        <${Button}>${campaign ? 'Save' : 'Create it'}<//>
        <${LinkButton} href=${path}>Leave<//>
      </div>
    <//>
  <//>`;
}

function ChannelTick({
  channel,
  isChosen,
}: {
  channel: NamedChannel & { channelId: string };
  isChosen: boolean;
}) {
  const id = `channel-${channel.channelId}`;
  return html`<div class="tick">
    <input type="checkbox" id=${id} name="channel" value=${channel.channelId} checked=${isChosen} />
    <label for=${id}>${channelName(channel)}</label>
  </div>`;
}
