// The source panel: where a sentence comes from, as a picture of the page or as text, the passage marked in it.
import { announce, append, byId, bytes, day, element, number, problem, replace } from './dom.js';
import { api } from './api.js';
import { pageText, shorten } from './ask.js';

const CONTEXT = 6000;
let current = null;

/** What is shown: {source, citation?, from?, all?}. `from` gets the focus back; `all` are the answer's citations. */
export function openSource(view) {
  current?.control.abort();
  current = { ...view, control: new AbortController(), page: view.citation?.page ?? view.source.page };
  document.body.classList.add('with-panel');
  byId('panel').hidden = false;
  render();
  byId('panel').focus({ preventScroll: true });
}

export function closeSource() {
  if (!current) return false;
  current.control.abort();
  const { from } = current;
  current = null;
  document.body.classList.remove('with-panel');
  byId('panel').hidden = true;
  if (from?.isConnected) from.focus();
  return true;
}

/** Left and right: to the footnote before or after. */
export function stepSource(step) {
  const place = position();
  if (place < 0) return false;
  const next = current.all[place + step];
  if (!next) return false;
  openSource({ ...next, all: current.all, from: current.from });
  return true;
}

const position = () => (current?.all ?? []).findIndex((each) => each.citation === current.citation);
const range = () => current.citation ?? current.source;
/** The page of the words that are cited; a passage may begin on the one before. */
const home = () => current.citation?.page ?? current.source.page;

function render() {
  const { source, citation, all = [] } = current;
  const place = position();
  const body = element('div', { class: 'panel-body' });
  const shown = { body, tabs: element('div', { class: 'tabs' }) };
  if (source.page) {
    const tab = (label, show) => element('button', {
      type: 'button', 'aria-pressed': 'false', onclick: (event) => { press(event.currentTarget); show(body); },
    }, label);
    shown.tabs.append(tab('Page', showPage), tab('Text', showText));
  }
  replace(byId('panel'),
    element('header', {},
      element('div', { class: 'steps' },
        all.length > 1 && place >= 0 ? [
          stepButton('Footnote before', '←', place > 0, -1),
          element('span', {}, `${place + 1} of ${all.length}`),
          stepButton('Footnote after', '→', place < all.length - 1, 1),
        ] : element('span', {}, 'Source')),
      shown.tabs,
      element('button', { type: 'button', class: 'close', 'aria-label': 'Close the source', onclick: closeSource }, '×'),
      element('div', { class: 'title' },
        element('h2', { id: 'panel-title' },
          citation ? element('span', { class: 'ordinal' }, citation.source) : null, source.filename),
        element('p', { class: 'place' }, [pageText(citation ?? source), source.heading].filter(Boolean).join(' · ')))),
    citation ? element('blockquote', {}, shorten(citation.quote, 600)) : null,
    body,
    element('footer', {},
      element('details', { class: 'about', ontoggle: about }, element('summary', {}, 'About this document')),
      element('a', { href: api.original(source.document_id), download: source.filename }, 'Save the original')));
  if (source.page) { press(shown.tabs.firstChild); showPage(body); } else { showText(body); }
  announce(`${source.filename}${pageText(citation ?? source, ', ')}`);
}

/** Filled when it is opened: where the document comes from, what of it was read, and its versions. */
async function about(event) {
  const box = event.currentTarget;
  if (!box.open || box.childElementCount > 1) return;
  try {
    const held = await api.document(current.source.document_id);
    const unread = (held.coverage ?? []).filter((part) => part.kind !== 'text');
    const facts = [
      ['Title', held.title], ['Collection', held.collection], ['Kind', held.format], ['Size', bytes(held.bytes)],
      ['Words', number(held.words)], ['Passages', number(held.chunks)],
      ['Not read as text', unread.map((part) => [part.part, String(part.kind).replaceAll('_', ' ')].filter(Boolean).join(': ')).join('; ')],
      ['SHA-256', held.sha256],
      ...Object.entries(held.metadata ?? {}).map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
      ...(held.versions ?? []).map((version) => [`Version ${version.version}`,
        `${day(version.created_at)}${version.retired_at ? `, replaced ${day(version.retired_at)}` : ', in use'}`]),
    ].filter(([, value]) => value);
    append(box, [element('dl', {}, facts.map(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]))]);
  } catch (error) {
    append(box, [problem(error)]);
  }
}

function press(button) {
  for (const each of button.parentElement.children) each.setAttribute('aria-pressed', String(each === button));
}

const stepButton = (label, sign, isPossible, step) => element('button', {
  type: 'button', 'aria-label': label, disabled: !isPossible, onclick: () => stepSource(step),
}, sign);

function showPage(body) {
  const { source } = current;
  const { start, end } = range();
  const isHome = current.page === home();
  const picture = element('img', {
    src: isHome ? api.pagePicture(source.document_id, current.page, start, end)
      : api.pagePicture(source.document_id, current.page),
    alt: `Page ${current.page} of ${source.filename}${isHome ? ', the passage marked' : ''}`,
    onload: () => figure.classList.remove('loading'),
    onerror: () => {
      if (isHome) { const text = byId('panel').querySelector('.tabs button:last-child'); press(text); showText(body); }
      else { current.page = home(); showPage(body); }
    },
  });
  const figure = element('figure', { class: 'page loading' }, picture);
  const turn = (label, step) => element('button', {
    type: 'button', disabled: current.page + step < 1, onclick: () => { current.page += step; showPage(body); },
  }, label);
  replace(body, figure, element('div', { class: 'leaf' },
    turn('‹ Page before', -1), element('span', {}, `page ${current.page}`), turn('Page after ›', 1)));
}

async function showText(body) {
  const { source, citation, control } = current;
  replace(body, element('p', { class: 'waiting' }, 'Opening the text'));
  let text;
  try {
    text = await api.text(source.document_id, control.signal);
  } catch (error) {
    if (error.name !== 'AbortError') replace(body, problem(error, () => showText(body)));
    return;
  }
  drawText(body, text, source, citation, CONTEXT);
}

/** Offsets count Unicode scalars; JavaScript counts UTF-16 units. */
export function unitOffsets(text, scalars) {
  const wanted = [...scalars].sort((left, right) => left - right);
  const found = new Map();
  let scalar = 0;
  let unit = 0;
  for (const target of wanted) {
    while (scalar < target && unit < text.length) {
      unit += text.codePointAt(unit) > 0xFFFF ? 2 : 1;
      scalar += 1;
    }
    found.set(target, unit);
  }
  return scalars.map((target) => found.get(target));
}

function drawText(body, text, source, citation, context) {
  const [passageStart, passageEnd] = unitOffsets(text, [source.start, source.end]);
  const [start, end] = citation ? unitOffsets(text, [citation.start, citation.end]) : [passageStart, passageEnd];
  const from = lineStart(text, Math.max(0, Math.min(start, passageStart) - context));
  const to = Math.min(text.length, Math.max(end, passageEnd) + context);
  const mark = element('mark', { id: 'passage', tabindex: '-1' }, text.slice(start, end));
  const inside = start >= passageStart && end <= passageEnd;
  const parts = inside
    ? [text.slice(from, passageStart),
      element('span', { class: 'passage' }, text.slice(passageStart, start), mark, text.slice(end, passageEnd)),
      text.slice(passageEnd, to)]
    : [text.slice(from, start), mark, text.slice(end, to)];
  const more = (label) => element('button', {
    type: 'button', class: 'more', onclick: () => drawText(body, text, source, citation, context * 8),
  }, label);
  replace(body,
    from > 0 ? more('Show what comes before') : null,
    element('div', { class: 'plain', lang: '' }, parts),
    to < text.length ? more('Show what follows') : null);
  // Not scrollIntoView: it would move the page behind the panel too.
  const panel = byId('panel');
  panel.scrollTop += mark.getBoundingClientRect().top - panel.getBoundingClientRect().top - panel.clientHeight * 0.4;
}

function lineStart(text, index) {
  const line = text.lastIndexOf('\n', index);
  return index - line < 400 ? line + 1 : index;
}
