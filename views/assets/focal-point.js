// The focal point on the picture itself: a click, a drag or the arrow keys move it, and the crops follow. Without this the
// two fields of the form say where it is.
const stage = document.querySelector('[data-focal-stage]');
const [fieldX, fieldY] = ['focalX', 'focalY'].map((name) => document.querySelector(`input[name=${name}]`));

if (stage && fieldX && fieldY) {
  const picture = stage.querySelector('img');
  const mark = stage.querySelector('circle');
  const [width, height] = [Number(picture.getAttribute('width')), Number(picture.getAttribute('height'))];
  const handle = document.createElement('div');
  handle.className = 'focal-handle';
  handle.tabIndex = 0;
  handle.role = 'slider';
  handle.ariaLabel = 'Focal point';
  handle.ariaValueMin = '0';
  handle.ariaValueMax = '100';
  handle.title = 'Drag it, or move it with the arrow keys';
  stage.append(handle);
  stage.classList.add('movable');
  picture.draggable = false;

  const read = (field) => Number(field.value.trim().replace(',', '.')) || 0;
  const clamp = (value, most) => Math.min(Math.max(value, 0), most);

  const show = () => {
    const [x, y] = [clamp(read(fieldX), 100), clamp(read(fieldY), 100)];
    handle.style.left = `${x}%`;
    handle.style.top = `${y}%`;
    handle.ariaValueNow = String(x);
    handle.ariaValueText = `${x} percent from the left, ${y} percent from the top`;
    mark.setAttribute('cx', (x / 100) * width);
    mark.setAttribute('cy', (y / 100) * height);
    for (const cut of document.querySelectorAll('[data-crop]')) {
      const [wide, high] = cut.dataset.crop.split(' ').map(Number);
      // As the server places it: the middle on the point, as far as the edges let it.
      const [left, top] = [clamp(x / 100 - wide / 2, 1 - wide), clamp(y / 100 - high / 2, 1 - high)];
      const box = [left * width, top * height, wide * width, high * height];
      cut.setAttribute('viewBox', box.map(Math.round).join(' '));
    }
  };
  const moveTo = (x, y) => {
    fieldX.value = String(Math.round(clamp(x, 100) * 10) / 10);
    fieldY.value = String(Math.round(clamp(y, 100) * 10) / 10);
    show();
  };
  const moveToPointer = ({ clientX, clientY }) => {
    const box = picture.getBoundingClientRect();
    moveTo(((clientX - box.left) / box.width) * 100, ((clientY - box.top) / box.height) * 100);
  };

  const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  handle.addEventListener('keydown', (event) => {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const far = event.shiftKey ? 10 : 1;
    moveTo(read(fieldX) + step[0] * far, read(fieldY) + step[1] * far);
  });
  picture.addEventListener('click', (event) => {
    moveToPointer(event);
    handle.focus();
  });
  handle.addEventListener('pointerdown', (event) => handle.setPointerCapture(event.pointerId));
  handle.addEventListener('pointermove', (event) => {
    if (handle.hasPointerCapture(event.pointerId)) moveToPointer(event);
  });
  for (const field of [fieldX, fieldY]) field.addEventListener('input', show);
  show();
}
