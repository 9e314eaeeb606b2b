// Several files at once, also dropped ones: they go as soon as they are chosen, each with its progress and what became of it,
// and each is described on its own page. Without this the plain form sends one file and its alt text.
const form = document.querySelector('form[data-upload]');
const MAX_BYTES = Number(form?.dataset.maxBytes);
const waiting = [];
let isSending = false;

if (form) {
  const input = form.elements.namedItem('file');
  input.multiple = true;
  form.querySelector('label').textContent = 'Choose or drop pictures';
  input.addEventListener('change', () => {
    add(input.files);
    input.value = '';
  });
  form.addEventListener('submit', (event) => event.preventDefault());
  // Dropped beside the form, a file would be opened in place of the page.
  for (const name of ['dragenter', 'dragover', 'dragleave', 'drop']) {
    document.addEventListener(name, (event) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      form.classList.toggle('over', name === 'dragenter' || name === 'dragover');
      if (name === 'drop') add(event.dataTransfer.files);
    });
  }
  addEventListener('beforeunload', (event) => {
    if (isSending) event.preventDefault();
  });
}

const list = element('ul', { className: 'uploads', role: 'list', ariaLabel: 'Uploads' });
const news = element('p', { className: 'hidden', role: 'status' });
form?.after(list, news);

function add(files) {
  for (const file of files) {
    const row = element('li', { tabIndex: -1 });
    const progress = element('progress', { max: 1, value: 0, ariaLabel: `Upload of ${file.name}` });
    const state = element('span', { className: 'hint', textContent: 'Waits for its turn' });
    row.append(element('span', { className: 'name', textContent: file.name }), progress, state);
    list.append(row);
    waiting.push({ file, row, progress, state });
  }
  void goOn();
}

/** One after the other: the server prepares one picture at a time anyway. */
async function goOn() {
  if (isSending) return;
  isSending = true;
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    try {
      showKept(next, await send(next));
    } catch (error) {
      showRefused(next, error.message);
    }
  }
  isSending = false;
  await showLibrary();
}

/** What has come is shown below, unless the person is busy there. */
async function showLibrary() {
  const library = document.getElementById('library');
  const answer = await fetch(location.href, { headers: { accept: 'text/html' } }).catch(() => null);
  if (!answer?.ok || library.contains(document.activeElement)) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('library');
  if (fresh) library.replaceChildren(...fresh.childNodes);
}

function send({ file, progress, state }) {
  if (file.size > MAX_BYTES) {
    throw new Error(`It is larger than the ${MAX_BYTES / 1e6} MB that a picture may have.`);
  }
  const body = new FormData(form);
  body.delete('altText');
  body.set('file', file);
  const request = new XMLHttpRequest();
  request.open('POST', form.action);
  request.setRequestHeader('Accept', 'application/json');
  request.responseType = 'json';
  request.upload.addEventListener('progress', ({ loaded, total }) => {
    progress.value = loaded / total;
    state.textContent = `${Math.floor((loaded / total) * 100)} percent sent`;
  });
  request.upload.addEventListener('load', () => {
    progress.removeAttribute('value');
    state.textContent = 'Is being prepared';
  });
  return new Promise((resolve, reject) => {
    request.addEventListener('load', () => {
      const { status, response } = request;
      if (status === 201 && response) resolve(response);
      else
        reject(
          new Error(
            response?.error_description ?? 'You may be signed out: sign in in another tab, then try again.',
          ),
        );
    });
    request.addEventListener('error', () => reject(new Error('The connection broke off on the way.')));
    request.send(body);
  });
}

function showKept({ file, row, progress, state }, { href, src, isDescribed }) {
  const link = element('a', { href, textContent: isDescribed ? 'Look at it' : 'Write its alt text' });
  link.append(element('span', { className: 'hidden', textContent: `: ${file.name}` }));
  row.prepend(element('img', { src, alt: '', width: 48, height: 48 }));
  progress.remove();
  state.replaceChildren('In the library. ', link);
  news.textContent = `${file.name} is in the library.`;
}

function showRefused(upload, reason) {
  const { file, row, progress, state } = upload;
  const again = element('button', { type: 'button', className: 'quiet', textContent: 'Try again' });
  again.append(element('span', { className: 'hidden', textContent: ` to upload ${file.name}` }));
  again.addEventListener('click', () => {
    again.remove();
    progress.hidden = false;
    progress.value = 0;
    state.className = 'hint';
    state.textContent = 'Waits for its turn';
    row.focus();
    waiting.push(upload);
    void goOn();
  });
  progress.hidden = true;
  state.className = 'error';
  state.textContent = reason;
  row.append(again);
  news.textContent = `${file.name} was not taken: ${reason}`;
}

function element(name, properties) {
  return Object.assign(document.createElement(name), properties);
}
