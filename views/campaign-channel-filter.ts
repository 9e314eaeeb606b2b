import { Button, LinkButton, Select } from './components.ts';
import { html } from './html.ts';
import { channelName, type NamedChannel } from './networks.ts';

export interface CampaignChannelFilterProps {
  action: string;
  /** What the address says besides, by its name. */
  kept: Readonly<Record<string, string | number>>;
  campaignId: string;
  channelId: string;
  campaigns: readonly { id: string; name: string }[];
  channels: readonly (NamedChannel & { id: string })[];
  /** Without either. */
  allHref: string;
}

/** By campaign and by channel; open while it leaves something out. */
export function CampaignChannelFilter(props: CampaignChannelFilterProps) {
  const { action, kept, campaignId, channelId, campaigns, channels, allHref } = props;
  const isFiltered = campaignId !== '' || channelId !== '';
  return html`<details open=${isFiltered}>
    <summary>Filter</summary>
    <form class="filters" method="get" action=${action} aria-label="Filter">
      ${Object.entries(kept).map(([name, value]) => html`<input key=${name} type="hidden" name=${name} value=${value} />`)}
      <${Select}
        label="Campaign"
        name="campaign"
        value=${campaignId}
        options=${[{ value: '', label: 'Every campaign' }, ...campaigns.map(({ id, name }) => ({ value: id, label: name }))]}
      />
      <${Select}
        label="Channel"
        name="channel"
        value=${channelId}
        options=${[{ value: '', label: 'Every channel' }, ...channels.map((channel) => ({ value: channel.id, label: channelName(channel) }))]}
      />
      <div class="actions">
        <${Button} look="plain">Show<//>
        ${isFiltered && html`<${LinkButton} href=${allHref}>Show everything<//>`}
      </div>
    </form>
  </details>`;
}
