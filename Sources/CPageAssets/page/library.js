// What the library holds: a store that other views listen to, and the table of documents.
import { byId, bytes, day, element, number, plural, problem, replace, sentence } from './dom.js';
import { api } from './api.js';
import { openSource } from './source.js';
import { warningText } from './ask.js';

const SHOWN_AT_ONCE = 200;
const listeners = [];

export const library = {
  documents: [],
  isLoaded: false,
  onChange(listener) { listeners.push(listener); },

  async refresh() {
    try {
      this.documents = (await api.documents()).sort((left, right) => left.filename.localeCompare(right.filename));
      this.isLoaded = true;
      this.problem = null;
    } catch (error) {
      this.problem = error;
    }
    for (const listener of listeners) listener();
  },

  get collections() { return [...new Set(this.documents.map((held) => held.collection).filter(Boolean))].sort(); },
};

let shown = SHOWN_AT_ONCE;

export function start() {
  byId('library-filter').addEventListener('input', () => { shown = SHOWN_AT_ONCE; draw(); });
  library.onChange(draw);
}

function draw() {
  const count = byId('library-count');
  count.textContent = number(library.documents.length);
  count.hidden = !library.documents.length;
  fillCollections();
  const table = byId('library-table');
  if (library.problem) {
    byId('library-status').textContent = '';
    replace(table, problem(library.problem, () => library.refresh()));
    return;
  }
  if (!library.isLoaded) return;
  byId('library-filter').hidden = library.documents.length < 8;
  if (!library.documents.length) {
    byId('library-status').textContent = '';
    replace(table, element('div', { class: 'empty' },
      element('h2', {}, 'Nothing here yet'),
      element('p', {}, 'A handbook, a contract, a manual: whatever you would otherwise search by hand. Documents that change can be added again; the older version is kept.')));
    return;
  }
  const wanted = byId('library-filter').value.trim().toLowerCase();
  const matching = library.documents.filter((held) => `${held.filename} ${held.title ?? ''}`.toLowerCase().includes(wanted));
  byId('library-status').textContent = wanted
    ? `${plural(matching.length, 'document')} of ${number(library.documents.length)}` : '';
  replace(table,
    element('table', {},
      element('thead', {}, element('tr', {},
        ['Document', 'Pages', 'Passages', 'Words', 'Added'].map((title, index) =>
          element('th', { scope: 'col', class: index ? 'figure' : null }, title)),
        element('th', { scope: 'col' }, element('span', { class: 'visually-hidden' }, 'Remove')))),
      element('tbody', {}, matching.slice(0, shown).map(row))),
    matching.length > shown ? element('button', {
      type: 'button', class: 'more', onclick: () => { shown += SHOWN_AT_ONCE; draw(); },
    }, `Show more of the ${number(matching.length)} documents`) : null);
}

function row(held) {
  const open = (event) => openSource({
    from: event.currentTarget,
    source: {
      document_id: held.document_id, filename: held.filename, heading: held.title ?? '', start: 0, end: 0,
      page: held.format === 'pdf' ? 1 : null,
    },
  });
  const notes = (held.warnings ?? []).map(warningText);
  const status = held.status ?? 'ready';
  return element('tr', {},
    element('th', { scope: 'row' },
      element('button', { type: 'button', class: 'origin', onclick: open },
        element('span', { class: 'name' }, held.filename),
        element('span', { class: 'place' }, [
          held.title, library.collections.length > 1 ? held.collection : null, bytes(held.bytes),
          held.version > 1 ? `version ${held.version}` : null,
        ].filter(Boolean).join(' · '))),
      status === 'ready' ? null : element('p', { class: 'warning' }, sentence(coverageText(held))),
      notes.map((note) => element('p', { class: 'warning' }, sentence(note)))),
    element('td', { class: 'figure', 'data-label': 'Pages' }, held.pages ? number(held.pages) : '–'),
    element('td', { class: 'figure', 'data-label': 'Passages' }, number(held.chunks)),
    element('td', { class: 'figure', 'data-label': 'Words' }, number(held.words)),
    element('td', { class: 'figure', 'data-label': 'Added' }, day(held.updated_at ?? held.added_at)),
    element('td', { class: 'act' }, element('button', {
      type: 'button', class: 'quiet', 'aria-label': `Remove ${held.filename}`, onclick: () => confirmRemoval(held),
    }, 'Remove')));
}

/** What of a document could not be read, in words. */
function coverageText(held) {
  const unread = (held.coverage ?? []).filter((part) => part.kind === 'image_only' || part.kind === 'skipped');
  const pages = unread.map((part) => part.page).filter(Boolean);
  if (pages.length) return `Without text: page ${pages.slice(0, 8).join(', ')}${pages.length > 8 ? ' and more' : ''}`;
  return held.status === 'partly_read' ? 'Some of it could not be read' : held.status.replaceAll('_', ' ');
}

function confirmRemoval(held) {
  const dialog = byId('confirm');
  byId('confirm-title').textContent = `Remove ${held.filename}?`;
  byId('confirm-text').textContent = 'It will no longer be found or cited. The file on your disk is not touched.';
  dialog.onclose = async () => {
    if (dialog.returnValue !== 'ok') return;
    try {
      await api.remove(held.document_id);
      await library.refresh();
      byId('library-status').textContent = `${held.filename} is removed.`;
    } catch (error) {
      replace(byId('library-status'), problem(error));
    }
  };
  dialog.returnValue = 'cancel';
  dialog.showModal();
}

function fillCollections() {
  replace(byId('collection-names'), library.collections.map((name) => element('option', { value: name })));
  for (const id of ['ask-collection', 'search-collection']) {
    const select = byId(id);
    byId(`${id}-choice`).hidden = library.collections.length < 2;
    const chosen = select.value;
    replace(select, element('option', { value: '' }, 'all collections'),
      library.collections.map((name) => element('option', { value: name }, name)));
    select.value = library.collections.includes(chosen) ? chosen : '';
  }
}
