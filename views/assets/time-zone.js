// Preselects the browser's zone on the set-up page; without this the person picks it.
const select = document.querySelector('select[name="timeZone"]');
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const isKnown = select && [...select.options].some((option) => option.value === zone);
if (isKnown && select.value === 'UTC') select.value = zone;
