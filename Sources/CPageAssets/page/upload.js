// Adding files: picked or dropped anywhere, two at a time, each with its own progress and its own verdict.
import { byId, element, plural, replace, sentence } from './dom.js';
import { upload } from './api.js';
import { library } from './library.js';
import { warningText } from './ask.js';

const AT_ONCE = 2;
const waiting = [];
let active = 0;

export function start(showLibrary) {
  const take = (files) => { if (files.length) { showLibrary(); add(files); } };
  byId('picker').addEventListener('change', (event) => {
    take([...event.target.files]);
    event.target.value = '';
  });

  // A drag enters and leaves every element it passes: counted, so that the veil does not flicker.
  let depth = 0;
  const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes('Files');
  const veil = (isShown) => { byId('drop-veil').hidden = !isShown; };
  addEventListener('dragenter', (event) => { if (carriesFiles(event)) { event.preventDefault(); depth += 1; veil(true); } });
  addEventListener('dragover', (event) => { if (carriesFiles(event)) event.preventDefault(); });
  addEventListener('dragleave', (event) => { if (carriesFiles(event)) { depth -= 1; if (depth <= 0) veil(false); } });
  addEventListener('drop', async (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    depth = 0;
    veil(false);
    take(await filesOf(event.dataTransfer));
  });
  addEventListener('beforeunload', (event) => { if (active) event.preventDefault(); });
}

/** The files of a drop, those inside of dropped folders too. */
async function filesOf(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files];
  const files = [];
  const walk = async (entry) => {
    if (entry.isFile) {
      files.push(await new Promise((resolve, reject) => entry.file(resolve, reject)));
    } else {
      const reader = entry.createReader();
      for (;;) {
        const inside = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
        if (!inside.length) break;
        for (const each of inside) await walk(each);
      }
    }
  };
  for (const entry of entries) await walk(entry);
  return files.filter((file) => !file.name.startsWith('.'));
}

export function add(files) {
  for (const file of files) {
    const bar = element('progress', { max: 1, value: 0, 'aria-label': `Progress of ${file.name}` });
    const state = element('span', { class: 'state' }, 'waiting');
    const row = element('li', {}, element('span', { class: 'name' }, file.name), bar, state);
    byId('uploads').append(row);
    waiting.push({ file, bar, state, row });
  }
  next();
}

async function next() {
  while (active < AT_ONCE && waiting.length) {
    active += 1;
    run(waiting.shift()).finally(() => {
      active -= 1;
      if (active === 0 && !waiting.length) library.refresh();
      next();
    });
  }
}

async function run({ file, bar, state, row }) {
  state.textContent = 'sending';
  try {
    const result = await upload(file, {
      collection: byId('upload-collection').value.trim(),
      onProgress: (share) => {
        bar.value = share;
        if (share >= 1) { bar.removeAttribute('value'); state.textContent = 'reading'; }
      },
    });
    row.classList.add('done');
    bar.remove();
    const added = result.documents?.[0];
    replace(state, added?.status === 'unchanged' ? 'already there, unchanged'
      : `${added?.status === 'updated' ? 'new version' : 'added'}, ${plural(result.chunks_added, 'passage')}`);
    for (const warning of result.warnings ?? []) row.append(element('p', { class: 'warning' }, sentence(warningText(warning))));
  } catch (error) {
    row.classList.add('failed');
    bar.remove();
    replace(state, 'not added');
    row.append(element('p', { class: 'reason' }, sentence(error.message), error.hint ? ` ${sentence(error.hint)}` : ''));
    if (error.status === 0 || error.status === 429 || error.status >= 500) {
      row.append(element('button', { type: 'button', onclick: () => { row.remove(); add([file]); } }, 'Try again'));
    }
  }
}
