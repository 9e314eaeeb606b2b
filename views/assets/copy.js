// A button to copy what stands in a read-only field; without this the person selects and copies it.
function addButtons() {
  for (const field of document.querySelectorAll('[data-copy]')) {
    if (field.nextElementSibling?.matches('[data-added]')) continue;
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'plain';
    button.dataset.added = '';
    button.textContent = 'Copy';
    button.setAttribute('aria-label', `Copy: ${field.labels[0].textContent}`);
    button.addEventListener('click', async () => {
      field.select();
      await navigator.clipboard.writeText(field.value);
      button.textContent = 'Copied';
    });
    field.after(button);
  }
}

addButtons();
document.addEventListener('live', addButtons);
