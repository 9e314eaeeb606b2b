// While somebody writes, the form is asked about after each pause, and what the server says of it (counts, problems, how it
// will look) is put in place. What is typed, ticked and focused is left alone. Without this file, the button Check does it.
import { Idiomorph } from './idiomorph.js';

const PAUSE_MS = 350;
/** After so long an answer will not come: it was stopped, or the network is away. */
const PATIENCE_MS = 15_000;
const SAID_BY_SERVER = ['aria-describedby', 'aria-invalid', 'data-follows', 'readonly'];

const form = document.getElementById('editor');
const state = document.getElementById('check-state');
let timer;
let asking;
let isSaving = false;
let isUnsaved = form.dataset.unsaved === 'yes';

form.addEventListener('input', (event) => {
  // Looking for a picture changes nothing of the post.
  if (event.target.name !== 'find') isUnsaved = true;
  clearTimeout(timer);
  timer = setTimeout(check, PAUSE_MS);
});

form.addEventListener('submit', (event) => {
  // A second click would save a second post.
  if (isSaving) {
    event.preventDefault();
    return;
  }
  isSaving = event.submitter?.value === 'save';
  if (isSaving) setTimeout(allowSaving, PATIENCE_MS);
  clearTimeout(timer);
  asking?.abort();
  removeEventListener('beforeunload', ask);
});

addEventListener('beforeunload', ask);
addEventListener('pageshow', allowSaving);

function allowSaving() {
  isSaving = false;
}

function ask(event) {
  if (isUnsaved) event.preventDefault();
}

async function check() {
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  try {
    const answer = await fetch(form.dataset.check, {
      method: 'POST',
      body: new URLSearchParams(new FormData(form)),
      headers: { accept: 'text/html' },
      signal,
    });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
    if (signal.aborted) return;
    const body = fresh.getElementById('editor-body');
    Idiomorph.morph(document.getElementById('editor-body'), body, { callbacks: { beforeNodeMorphed } });
    state.textContent = '';
  } catch {
    if (!signal.aborted)
      state.textContent = 'The server did not answer, so counts may be old. What you typed is still here.';
  }
}

/**
 * A field that is there is the person's; only what the server says about it changes, and the words of a caption that they
 * did not touch yet: it follows the text for all channels.
 */
function beforeNodeMorphed(node, fresh) {
  if (!(node instanceof HTMLElement) || !node.matches('input:not([type=hidden]), textarea, select'))
    return true;
  const follows = node.dataset.follows && form.elements[node.dataset.follows];
  if (follows && node.value === follows.value && fresh.dataset.follows) node.value = fresh.value;
  for (const name of SAID_BY_SERVER) {
    const said = fresh.getAttribute(name);
    if (said === null) node.removeAttribute(name);
    else node.setAttribute(name, said);
  }
  return false;
}
