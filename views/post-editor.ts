import { CaptionEditor, type EditedCaption } from './caption-editor.ts';
import { Field, LinkButton, Notice, Select } from './components.ts';
import { html } from './html.ts';
import { Layout, type Viewer } from './layout.ts';
import { channelName, type NamedChannel } from './networks.ts';
import { PictureChooser, type ChoosablePicture } from './picture-chooser.ts';
import { WordChange, type ShownRun } from './word-change.ts';
import type { ShownProblem } from './caption-problems.ts';

/** All of the form that depends on what was typed. */
export interface EditorBodyProps {
  /** Where the form is sent to. */
  action: string;
  /** Of a post that is not there yet; null of one that is. */
  fresh: {
    campaigns: readonly { id: string; name: string }[];
    campaignId: string;
    text: string;
  } | null;
  channels: readonly (NamedChannel & { channelId: string; isChosen: boolean; isLocked: boolean })[];
  /** Of the chosen channels. */
  captions: readonly EditedCaption[];
  /** What was typed for channels that are not chosen any more. */
  kept: readonly { name: string; text: string }[];
  chosenPictures: readonly ChoosablePicture[];
  library: readonly ChoosablePicture[];
  query: string;
  pictureProblems: readonly ShownProblem[];
  /** Fields at fault, with why, from the last attempt to save. */
  errors: Partial<Record<'campaign' | 'channels', string>>;
}

export interface PostEditorViewProps extends EditorBodyProps {
  viewer: Viewer;
  back: { href: string; label: string };
  /** Of the post that is edited, as it was shown. */
  seen: { rev: number; places: string } | null;
  /** Some of it is on the calendar. */
  isScheduled: boolean;
  /** What is shown is not what is saved. */
  isUnsaved: boolean;
  /** Why it was not saved. */
  problem: string | undefined;
  /** What somebody else saved meanwhile. */
  meanwhile: ShownMeanwhile | null;
  /** What was typed for channels where the post went out meanwhile. */
  tooLate: readonly TypedCaption[];
}

/** Words that cannot be saved, for the person to keep. */
export interface TypedCaption {
  channelId: string;
  /** Of the channel. */
  name: string;
  text: string;
}

export interface ShownMeanwhile {
  rev: number;
  authorName: string | null;
  /** From what they saved to what was typed. */
  channels: readonly (NamedChannel & { channelId: string; parts: readonly (readonly ShownRun[])[] })[];
}

/** Writing a post, channel by channel, with how it will look beside it. */
export function PostEditorView(props: PostEditorViewProps) {
  const { viewer, action, back, seen, isScheduled, isUnsaved, problem, meanwhile, tooLate, fresh } = props;
  const title = fresh ? 'New post' : 'Edit the post';
  return html`<${Layout}
    title=${title}
    viewer=${viewer}
    section="posts"
    back=${back}
    width="full"
    styles=${['posts', 'editor']}
    scripts=${['editor']}
  >
    <h1>${title}</h1>
    ${problem && html`<${Notice} tone="problem" title="Nothing was saved.">${problem}<//>`}
    ${meanwhile && html`<${Meanwhile} meanwhile=${meanwhile} href=${action} />`}
    ${tooLate.length > 0 && html`<${TooLate} captions=${tooLate} />`}
    ${
      isScheduled &&
      html`<${Notice}>
        What is on the schedule keeps its time. Saving is your yes to what you wrote: it goes out under your
        name.
      <//>`
    }
    <form
      id="editor"
      method="post"
      action=${action}
      aria-label=${fresh ? 'New post' : 'Edit'}
      data-check=${`${action}/check`}
      data-unsaved=${isUnsaved ? 'yes' : undefined}
    >
      <input type="hidden" name="csrf" value=${viewer.csrfToken} />
      <input type="hidden" name="team" value=${viewer.team.id} />
      ${seen && html`<input type="hidden" name="rev" value=${seen.rev} />`}
      ${seen && html`<input type="hidden" name="places" value=${seen.places} />`}
      <button class="hidden" name="do" value="check" tabindex="-1">Check</button>
      <${EditorBody} ...${props} />
      <div class="bar">
        <div class="actions">
          <button class="primary" name="do" value="save">${fresh ? 'Save as a draft' : 'Save'}</button>
          <button class="plain" name="do" value="check">Check</button>
          <${LinkButton} href=${back.href}>Leave<//>
        </div>
        <p class="hint" id="check-state" role="status"></p>
      </div>
    </form>
  <//>`;
}

/** Put in place of itself while somebody types; fields that are there stay as they are. */
export function EditorBody(props: EditorBodyProps) {
  const { action, fresh, channels, captions, kept, errors } = props;
  return html`<div id="editor-body">
    <section class="card" id="where" aria-label="Where">
      <h2>${fresh ? 'What and where' : 'Channels'}</h2>
      ${fresh && html`<${Beginning} fresh=${fresh} error=${errors.campaign} />`}
      <fieldset id="channels" aria-describedby=${errors.channels ? 'channels-error' : undefined}>
        <legend class=${fresh ? undefined : 'hidden'}>Channels</legend>
        <div class="ticks">
          ${channels.map((channel) => html`<${ChannelTick} key=${channel.channelId} channel=${channel} />`)}
        </div>
        ${channels.length === 0 && html`<p class="hint">No channel is linked yet. <a href="/channels">Link one</a></p>`}
        ${errors.channels && html`<p class="error" id="channels-error">${errors.channels}</p>`}
      </fieldset>
    </section>
    ${captions.map((caption) => html`<${CaptionEditor} key=${caption.channelId} caption=${caption} action=${action} />`)}
    ${kept.map(({ name, text }) => html`<input key=${name} type="hidden" id=${`kept-${name}`} name=${name} value=${text} />`)}
    <${PictureChooser}
      chosen=${props.chosenPictures}
      library=${props.library}
      query=${props.query}
      problems=${props.pictureProblems}
      action=${action}
    />
  </div>`;
}

function Beginning({
  fresh,
  error,
}: {
  fresh: NonNullable<EditorBodyProps['fresh']>;
  error: string | undefined;
}) {
  return html`<div class="fields" id="beginning">
    <${Select}
      label="Campaign"
      name="campaign"
      options=${fresh.campaigns.map(({ id, name }) => ({ value: id, label: name }))}
      value=${fresh.campaignId}
      error=${error}
    />
    <${Field}
      label="Text to begin with"
      name="text"
      rows=${4}
      maxlength=${20_000}
      value=${fresh.text}
      hint="Each channel that you tick gets it as its caption, to be changed there."
    />
  </div>`;
}

function ChannelTick({ channel }: { channel: EditorBodyProps['channels'][number] }) {
  const { channelId, isChosen, isLocked } = channel;
  const id = `channel-${channelId}`;
  return html`<div class="tick" id=${`${id}-tick`}>
    ${isLocked && html`<input type="hidden" id=${`${id}-kept`} name="channel" value=${channelId} />`}
    <input
      type="checkbox"
      id=${id}
      name=${isLocked ? undefined : 'channel'}
      value=${channelId}
      checked=${isChosen}
      disabled=${isLocked}
    />
    <label for=${id}>${channelName(channel)}</label>
  </div>`;
}

function Meanwhile({
  meanwhile: { rev, authorName, channels },
  href,
}: {
  meanwhile: ShownMeanwhile;
  href: string;
}) {
  const changed = channels.filter(({ parts }) => parts.flat().some(({ kind }) => kind !== 'same'));
  return html`<section class="card" aria-label="What changed meanwhile">
    <h2>${authorName ?? 'Somebody'} saved revision ${rev} while you wrote</h2>
    <p>
      What you typed is kept below. This is what saving it would change in theirs: their words are struck out,
      yours are underlined.
    </p>
    ${changed.map(
      (channel) =>
        html`<div key=${channel.channelId} class="change">
          <h3>${channelName(channel)}</h3>
          ${channel.parts.map((runs, index) => html`<${WordChange} key=${index} runs=${runs} />`)}
        </div>`,
    )}
    ${changed.length === 0 && html`<p>Your words are the same as theirs.</p>`}
    <p><a href=${href}>Take theirs, and drop what you typed</a></p>
  </section>`;
}

function TooLate({ captions }: { captions: readonly TypedCaption[] }) {
  return html`<section class="card" aria-label="What came too late">
    <h2>It went out while you wrote</h2>
    <p>What it says there stays as it went out. This is what you had typed, to keep a copy of.</p>
    <${TypedCaptions} captions=${captions} />
  </section>`;
}

/** Of a post that somebody threw away meanwhile: nothing can be saved, and nothing typed is lost. */
export function PostInTrashView({ viewer, problem, captions }: PostInTrashViewProps) {
  return html`<${Layout}
    title="Edit the post"
    viewer=${viewer}
    section="posts"
    back=${{ href: '/posts', label: 'Posts' }}
  >
    <h1>Edit the post</h1>
    <${Notice} tone="problem" title="Nothing was saved.">${problem}<//>
    <p><${LinkButton} href="/trash">Open the trash<//></p>
    ${
      captions.length > 0 &&
      html`<section class="card" aria-label="What you typed">
        <h2>What you typed</h2>
        <p>Keep a copy, to put it in again once the post is restored.</p>
        <${TypedCaptions} captions=${captions} />
      </section>`
    }
  <//>`;
}

export interface PostInTrashViewProps {
  viewer: Viewer;
  /** Why nothing was saved. */
  problem: string;
  captions: readonly TypedCaption[];
}

/** Outside the form: they are sent with nothing. */
function TypedCaptions({ captions }: { captions: readonly TypedCaption[] }) {
  return captions.map(
    ({ channelId, name, text }) =>
      html`<div key=${channelId} class="field">
        <label for=${`typed-${channelId}`}>What you typed for ${name}</label>
        <textarea id=${`typed-${channelId}`} rows=${5} readonly>${`\n${text}`}</textarea>
      </div>`,
  );
}
