// The playground: which passages a query finds, with both scores and how they came together.
import { byId, element, milliseconds, number, plural, problem, replace, sentence } from './dom.js';
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
  byId('missing').addEventListener('submit', (event) => { event.preventDefault(); explainAbsence(); });
  library.onChange(() => {
    replace(byId('document-names'), library.documents.slice(0, 2000).map((held) => element('option', { value: held.filename })));
    showEmpty();
  });
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
  const body = request(query);
  byId('search-status').textContent = 'Searching';
  try {
    const found = await api.search(body, control.signal);
    byId('search-status').textContent = found.results.length
      ? `${plural(found.results.length, 'passage')} in ${milliseconds(found.elapsed_ms)}` : 'Nothing found.';
    replace(byId('search-warnings'), (found.warnings ?? []).map((warning) => element('p', { class: 'warning' }, sentence(warning))));
    const best = Math.max(...found.results.map((result) => result.relevance), 1e-9);
    replace(byId('results'), found.results.map((result, index) => row(result, index, best)));
    if (!found.results.length) replace(byId('results'), nothing());
    byId('missing-answer').textContent = '';
    byId('missing').hidden = false;
  } catch (error) {
    if (error.name === 'AbortError') return;
    byId('search-status').textContent = '';
    replace(byId('results'), element('li', { class: 'bare' }, problem(error, run)));
  }
  showEmpty();
}

function request(query) {
  return {
    query, mode: byId('search-form').elements.mode.value, n_results: Number(byId('search-count').value), explain: true,
    ...(byId('search-collection').value ? { collection: byId('search-collection').value } : {}),
    ...(byId('search-where').value.trim() ? { where: byId('search-where').value.trim() } : {}),
  };
}

/** Where a document fell out of the search that is shown. */
async function explainAbsence() {
  const query = byId('search-query').value.trim();
  const document = byId('missing-document').value.trim();
  if (!query || !document) return byId('missing-document').focus();
  const held = library.documents.find((each) => each.filename === document);
  try {
    const why = await api.whyNot({ ...request(query), document: held?.document_id ?? document });
    byId('missing-answer').textContent = absence(why.stage);
  } catch (error) {
    replace(byId('missing-answer'), problem(error));
  }
}

function absence(stage) {
  const figure = Number(/\((?:rank|max|by): (\d+)/.exec(stage)?.[1]);
  switch (stage.split('(')[0]) {
    case 'shown': return `It is here, in place ${number(figure)}.`;
    case 'outranked': return `It was found, but ${plural(figure - 1, 'passage')} fit better. Show more, or use words that stand in it.`;
    case 'filtered': return 'The filter leaves it out.';
    case 'unmatched': return 'None of these words stand in it. Search by meaning, or use its own words.';
    case 'thinned': return 'It says again what a better passage has said.';
    case 'capped': return `${plural(figure, 'passage')} of the same document stand above already.`;
    case 'unknown': return 'None of its passages is in the index.';
    default: return stage;
  }
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
