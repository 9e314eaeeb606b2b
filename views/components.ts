import { html, type Children } from './html.ts';

/** A block with a heading of its own; level 3 under a heading of the page. */
export function Card({
  title,
  level = 2,
  children,
}: {
  title?: Children;
  level?: 2 | 3;
  children?: Children;
}) {
  const heading = level === 2 ? html`<h2>${title}</h2>` : html`<h3>${title}</h3>`;
  return html`<section class="card">${title && heading} ${children}</section>`;
}

export interface FieldProps {
  /** For a page that has several fields of one name. */
  id?: string;
  label: string;
  name: string;
  type?: 'text' | 'email' | 'password' | 'url' | 'date' | 'time';
  value?: string | undefined;
  /** Below the field, read out with it. */
  hint?: Children;
  /** What is wrong with the value, in a sentence. */
  error?: string | undefined;
  autocomplete?: string;
  required?: boolean;
  minlength?: number;
  maxlength?: number;
  /** Lines of text: makes it a text area. */
  rows?: number;
  autofocus?: boolean;
  /** Which keys a phone shows. */
  inputmode?: 'numeric';
  spellcheck?: boolean;
}

/** A labelled input; the label's text alone is its accessible name. */
export function Field({ label, name, id = `field-${name}`, hint, error, rows, value, ...input }: FieldProps) {
  const describedBy = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined;
  const shared = {
    id,
    name,
    'aria-describedby': describedBy,
    'aria-invalid': error ? 'true' : undefined,
    ...input,
  };
  return html`<div class="field">
    <label for=${id}>${label}</label>
    ${rows ? html`<textarea rows=${rows} ...${shared}>${value}</textarea>` : html`<input value=${value} ...${shared} />`}
    ${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
    ${error && html`<p class="error" id=${`${id}-error`}>${error}</p>`}
  </div>`;
}

export interface SelectProps {
  /** For a page that has several selects of one name. */
  id?: string;
  label: string;
  name: string;
  options: readonly { value: string; label: string }[];
  value?: string | undefined;
  hint?: Children;
  /** What is wrong with the choice, in a sentence. */
  error?: string | undefined;
}

export function Select({ label, name, id = `field-${name}`, options, value, hint, error }: SelectProps) {
  const describedBy = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined;
  return html`<div class="field">
    <label for=${id}>${label}</label>
    <select id=${id} name=${name} aria-describedby=${describedBy} aria-invalid=${error ? 'true' : undefined}>
      ${options.map(
        (option) =>
          html`<option key=${option.value} value=${option.value} selected=${option.value === value}>
            ${option.label}
          </option>`,
      )}
    </select>
    ${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
    ${error && html`<p class="error" id=${`${id}-error`}>${error}</p>`}
  </div>`;
}

/** One choice of a radio group, as a card that is a target as a whole. Put several into a `fieldset` with a `legend`. */
export function RadioCard(props: {
  name: string;
  value: string;
  label: string;
  checked?: boolean;
  children?: Children;
}) {
  const id = `${props.name}-${props.value}`;
  return html`<div class="radio-card">
    <input
      type="radio"
      id=${id}
      name=${props.name}
      value=${props.value}
      checked=${props.checked}
      aria-describedby=${props.children ? `${id}-more` : undefined}
    />
    <label for=${id}>${props.label}</label>
    ${props.children && html`<div class="more" id=${`${id}-more`}>${props.children}</div>`}
  </div>`;
}

/** primary: the one thing to do here; danger: stops or removes something. */
export type ButtonLook = 'primary' | 'danger' | 'plain';

export function Button(props: { look?: ButtonLook; name?: string; value?: string; children?: Children }) {
  const { look = 'primary', children, ...rest } = props;
  return html`<button class=${look} type="submit" ...${rest}>${children}</button>`;
}

export function LinkButton({
  href,
  look = 'plain',
  children,
}: {
  href: string;
  look?: ButtonLook;
  children?: Children;
}) {
  return html`<a class=${`button ${look}`} href=${href}>${children}</a>`;
}

/** A form that posts within the site and carries the token against forged requests. */
export function Form({ action, csrfToken, label, id, children }: FormProps) {
  return html`<form id=${id} method="post" action=${action} aria-label=${label}>
    <input type="hidden" name="csrf" value=${csrfToken} />
    ${children}
  </form>`;
}

export interface FormProps {
  action: string;
  csrfToken: string;
  label?: string;
  /** What a link or an action with a fragment scrolls to. */
  id?: string;
  children?: Children;
}

export type NoticeTone = 'good' | 'note' | 'warning' | 'problem';

/** A message about what happened or what to know; a problem is announced at once. */
export function Notice({
  tone = 'note',
  title,
  isNews = false,
  children,
}: {
  tone?: NoticeTone;
  title?: string;
  /** Has the focus when the page comes, so that it is read out at once. */
  isNews?: boolean;
  children?: Children;
}) {
  const news = isNews ? { tabindex: -1, autofocus: true } : {};
  return html`<div
    class="notice"
    data-tone=${tone}
    role=${tone === 'problem' ? 'alert' : 'status'}
    ...${news}
  >
    ${title && html`<strong>${title}</strong>`} ${children}
  </div>`;
}

/** Says that there is nothing yet, and what makes there be something. */
export function EmptyState({ title, children }: { title: string; children?: Children }) {
  return html`<div class="empty">
    <p><strong>${title}</strong></p>
    ${children}
  </div>`;
}

/** On to older entries; the cursor is opaque. */
export function Pager({
  nextHref,
  firstHref,
}: {
  nextHref?: string | undefined;
  firstHref?: string | undefined;
}) {
  if (!nextHref && !firstHref) return null;
  return html`<nav class="pager" aria-label="Pages">
    ${firstHref && html`<a href=${firstHref}>Newest</a>`}
    ${nextHref && html`<a href=${nextHref} rel="next">Older</a>`}
  </nav>`;
}
