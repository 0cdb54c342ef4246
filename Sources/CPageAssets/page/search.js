// The playground: which passages a query finds, with both scores and how they came together.
import { byId, element, milliseconds, plural, problem, replace } from './dom.js';
import { api } from './api.js';
import { library } from './library.js';
import { openSource } from './source.js';
import { pageText, shorten } from './ask.js';

let running = null;

export function start() {
  const form = byId('search-form');
  form.addEventListener('submit', (event) => { event.preventDefault(); run(); });
  for (const control of form.querySelectorAll('select, input[type=radio]')) {
    control.addEventListener('change', () => { if (byId('search-query').value.trim()) run(); });
  }
  library.onChange(showEmpty);
}

export function put(query) {
  byId('search-query').value = query;
  run();
}

async function run() {
  const query = byId('search-query').value.trim();
  if (!query) return byId('search-query').focus();
  running?.abort();
  const control = new AbortController();
  running = control;
  const form = byId('search-form');
  const body = {
    query, mode: form.elements.mode.value, n_results: Number(byId('search-count').value), explain: true,
    ...(byId('search-collection').value ? { collection: byId('search-collection').value } : {}),
    ...(byId('search-where').value.trim() ? { where: byId('search-where').value.trim() } : {}),
  };
  byId('search-status').textContent = 'Searching';
  try {
    const found = await api.search(body, control.signal);
    byId('search-status').textContent = found.results.length
      ? `${plural(found.results.length, 'passage')} in ${milliseconds(found.elapsed_ms)}` : 'Nothing found.';
    const best = Math.max(...found.results.map((result) => result.relevance), 1e-9);
    replace(byId('results'), found.results.map((result, index) => row(result, index, best)));
    if (!found.results.length) replace(byId('results'), nothing());
  } catch (error) {
    if (error.name === 'AbortError') return;
    byId('search-status').textContent = '';
    replace(byId('results'), element('li', { class: 'bare' }, problem(error, run)));
  }
  showEmpty();
}

const nothing = () => element('li', { class: 'bare' }, element('p', { class: 'note' },
  'No passage matches. Try fewer or other words, search by meaning, or remove the filter.'));

function row(result, index, best) {
  const source = { ...result, id: index + 1 };
  return element('li', {},
    element('button', { type: 'button', class: 'origin', onclick: (event) => openSource({ source, from: event.currentTarget }) },
      element('span', { class: 'name' }, result.filename),
      element('span', { class: 'place' }, [pageText(result), result.heading].filter(Boolean).join(' · '))),
    element('p', { class: 'excerpt' }, shorten(result.text, 420)),
    element('div', { class: 'scores' },
      score('relevance', result.relevance, result.relevance / best),
      score('meaning', result.semantic, result.semantic),
      score('words', result.keyword, null),
      why(result.explanation)));
}

function score(name, value, share) {
  if (value === null || value === undefined) return element('span', { class: 'score none' }, `${name} –`);
  return element('span', { class: 'score' }, name, ' ', element('b', {}, value.toFixed(3)),
    share === null ? null : element('meter', { min: 0, max: 1, value: Math.max(0, Math.min(1, share)), 'aria-hidden': 'true' }));
}

function why(explanation) {
  if (!explanation) return null;
  const rank = (value) => (value ? `rank ${value}` : 'not among the candidates');
  const terms = [...(explanation.terms ?? [])].sort((left, right) => right.contribution - left.contribution).slice(0, 8);
  const most = Math.max(...terms.map((term) => term.contribution), 1e-9);
  return element('details', { class: 'why' },
    element('summary', {}, 'Why'),
    element('dl', {},
      element('dt', {}, 'By meaning'), element('dd', {}, rank(explanation.semantic_rank)),
      element('dt', {}, 'By words'), element('dd', {}, rank(explanation.keyword_rank)),
      explanation.fusion ? [element('dt', {}, 'Together'), element('dd', {}, explanation.fusion)] : null,
      terms.length ? [element('dt', {}, 'Words that count'),
        element('dd', {}, element('ul', { class: 'terms' }, terms.map((term) => element('li', {},
          element('span', {}, term.term),
          element('meter', { min: 0, max: 1, value: term.contribution / most, 'aria-hidden': 'true' }),
          element('span', { class: 'figure' }, term.contribution.toFixed(2))))))] : null));
}

/** Up and down move along the results. */
export function step(direction) {
  const buttons = [...byId('results').querySelectorAll('.origin')];
  if (!buttons.length) return false;
  const place = buttons.indexOf(document.activeElement);
  const next = buttons[place < 0 ? (direction > 0 ? 0 : -1) : place + direction];
  next?.focus();
  return Boolean(next);
}

function showEmpty() {
  const box = byId('search-empty');
  box.hidden = byId('results').childElementCount > 0 || !library.isLoaded;
  if (box.hidden) return;
  replace(box,
    element('h2', {}, 'See what a search sees'),
    element('p', {}, 'Each passage shows how well it fits by meaning and by words, and why it stands where it stands. Quotes keep words together in a search by words; a filter such as ',
      element('code', {}, 'year >= 2024'), ' looks at the metadata of documents.'));
}
