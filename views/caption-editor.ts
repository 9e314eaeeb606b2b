import type { ShownProblem } from './caption-problems.ts';
import { html } from './html.ts';
import { channelName, type NamedChannel } from './networks.ts';
import { PostPreview, type ShownPart } from './post-preview.ts';
import type { ShownPicture } from './post-pictures.ts';

/** One channel's words as they stand in the form, and what its network makes of them. */
export interface EditedCaption extends NamedChannel {
  channelId: string;
  /** With the names of their fields. */
  parts: readonly { name: string; text: string; count: number }[];
  /** With what it was filled, until somebody touches it; null where it has words of its own. */
  follows: { name: string; text: string } | null;
  limit: number;
  unit: string;
  /** How the network counts. */
  counting: string;
  text: readonly ShownPart[];
  pictures: readonly ShownPicture[];
  problems: readonly (ShownProblem & { partIndex?: number; isAboutPictures?: true })[];
  /** What makes a thread of it; null where it needs none, or the network takes none. */
  suggestedParts: readonly string[] | null;
  /** It may be given one part more. */
  takesThreads: boolean;
  /** It went out, or is going out: what it says stays. */
  isLocked: boolean;
}

/** The fields of one channel with the count and the problems at each, and beside them how it will look. */
export function CaptionEditor({ caption, action }: { caption: EditedCaption; action: string }) {
  const { channelId, parts, counting, isLocked, suggestedParts } = caption;
  const id = `caption-${channelId}`;
  const here = `${action}#${id}`;
  const general = caption.problems.filter(
    ({ partIndex, isAboutPictures }) => partIndex === undefined && !isAboutPictures,
  );
  return html`<section class="card composer" id=${id} aria-label=${channelName(caption)}>
    <div class="fields" id=${`${id}-fields`}>
      <h2>${channelName(caption)}</h2>
      ${isLocked && html`<p class="hint">It is out, or on its way: what it says there stays as it went out.</p>`}
      ${parts.map((_, index) => html`<${PartField} key=${index} caption=${caption} index=${index} />`)}
      ${caption.follows && html`<input type="hidden" id=${caption.follows.name} name=${caption.follows.name} value=${caption.follows.text} />`}
      <${Problems} id=${`${id}-problems`} problems=${general} />
      ${!isLocked && counting && html`<p class="hint">${counting}</p>`}
      ${
        !isLocked &&
        html`<div class="actions">
          ${
            suggestedParts &&
            html`<button class="plain" name="do" value=${`split ${channelId}`} formaction=${here}>
              Split into a thread of ${suggestedParts.length}
            </button>`
          }
          ${
            caption.takesThreads &&
            html`<button class="quiet" name="do" value=${`part ${channelId}`} formaction=${here}>
              Add a part
            </button>`
          }
        </div>`
      }
    </div>
    <div class="look" id=${`${id}-look`}>
      <${PostPreview} channel=${caption} text=${caption.text} pictures=${caption.pictures} />
    </div>
  </section>`;
}

function PartField({ caption, index }: { caption: EditedCaption; index: number }) {
  const { name, text, count } = caption.parts[index]!;
  const problems = caption.problems.filter(({ partIndex }) => partIndex === index);
  const isBroken = problems.some(({ severity }) => severity === 'error');
  const label = caption.parts.length > 1 ? `Part ${index + 1}` : 'Caption';
  const follows = index === 0 ? caption.follows?.name : undefined;
  const isOver = count > caption.limit;
  return html`<div class="field" id=${`${name}-field`}>
    <label for=${name}>${label}<span class="hidden">${` on ${channelName(caption)}`}</span></label>
    <textarea
      id=${name}
      name=${name}
      rows=${caption.parts.length > 1 ? 4 : 7}
      maxlength=${20_000}
      readonly=${caption.isLocked}
      data-follows=${follows}
      aria-describedby=${`${name}-count ${name}-problems`}
      aria-invalid=${isBroken ? 'true' : undefined}
    >
${text}</textarea>
    <p class="count" id=${`${name}-count`} data-over=${isOver ? 'yes' : undefined}>
      ${isOver ? `${count - caption.limit} too many: ` : ''}${count} of ${caption.limit} ${caption.unit}
    </p>
    <${Problems} id=${`${name}-problems`} problems=${problems} />
    ${caption.parts.length > 1 && html`<p class="hint">A part that is left empty is dropped.</p>`}
  </div>`;
}

/** Beside what causes them; what comes while somebody types is read out. */
export function Problems({ id, problems }: { id: string; problems: readonly ShownProblem[] }) {
  return html`<ul class="faults" id=${id} aria-live="polite">
    ${problems.map(
      ({ fix, severity }, index) =>
        html`<li key=${index} data-severity=${severity}>
          ${severity === 'error' ? '' : html`<span class="hidden">${'Worth a look: '}</span>`}${fix}
        </li>`,
    )}
  </ul>`;
}
