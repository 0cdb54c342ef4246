// A question, its answer as it comes in, and the footnotes that lead to the sources.
import { announce, append, byId, element, milliseconds, plural, problem, replace } from './dom.js';
import { ask } from './api.js';
import { library } from './library.js';
import { openSource } from './source.js';

let running = null;
/** Questions of one page lean on one another until the reader starts over. */
let conversation = null;

export function start() {
  const form = byId('ask-form');
  const field = byId('question');
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (running) running.abort();
    else put(field.value);
  });
  field.addEventListener('input', () => fit(field));
  byId('ask-refine-button').addEventListener('click', (event) => {
    const box = byId('ask-refine');
    box.hidden = !box.hidden;
    event.currentTarget.setAttribute('aria-expanded', String(!box.hidden));
    if (!box.hidden) byId('ask-where').focus();
  });
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  byId('conversation-new').addEventListener('click', () => {
    conversation = null;
    byId('conversation').hidden = true;
    byId('answers').replaceChildren();
    showEmpty();
    field.focus();
  });
  library.onChange(showEmpty);
}

/** Asks as if it had been typed. */
export function put(text) {
  const question = text.trim();
  if (!question) return byId('question').focus();
  run(question);
}

export function stop() {
  const was = running;
  running?.abort();
  return Boolean(was);
}

function fit(field) {
  field.style.height = 'auto';
  field.style.height = `${field.scrollHeight}px`;
}

async function run(question) {
  const control = new AbortController();
  running = control;
  byId('ask-button').textContent = 'Stop';
  // The question stands over its answer; the field is free for the next one.
  byId('question').value = '';
  fit(byId('question'));
  const turn = new Turn(question);
  byId('answers').prepend(turn.root);
  showEmpty();
  conversation ??= `page-${crypto.getRandomValues(new Uint32Array(3)).join('-')}`;
  const body = {
    question, conversation_id: conversation, include_citations: true, n_results: Number(byId('ask-sources').value),
    ...(byId('ask-collection').value ? { collection: byId('ask-collection').value } : {}),
    ...(byId('ask-where').value.trim() ? { where: byId('ask-where').value.trim() } : {}),
    ...(byId('ask-date').value ? { as_of: byId('ask-date').value } : {}),
  };
  try {
    await ask(body, {
      question: (whole) => turn.takeWhole(whole.text),
      sources: (sources) => turn.takeSources(sources),
      token: (token) => turn.takeToken(typeof token === 'string' ? token : token.text),
      done: (answer) => turn.finish(answer),
    }, control.signal);
    byId('conversation').hidden = false;
  } catch (error) {
    turn.fail(error, () => { turn.root.remove(); put(question); });
  } finally {
    running = null;
    byId('ask-button').textContent = 'Ask';
  }
}

class Turn {
  constructor(question) {
    this.text = '';
    this.sources = [];
    this.citations = [];
    this.isDrawing = false;
    this.isOver = false;
    this.answer = element('div', { class: 'answer', 'aria-live': 'polite', 'aria-busy': 'true' },
      element('p', { class: 'waiting' }, 'Reading your documents'));
    this.notes = element('div', { class: 'notes' });
    this.root = element('article', { class: 'turn' }, element('h2', {}, question), this.answer, this.notes);
  }

  /** A follow-up as it was understood. */
  takeWhole(text) {
    if (this.understood) return;
    this.understood = element('p', { class: 'understood' }, `Understood as: ${text}`);
    this.answer.before(this.understood);
  }

  takeSources(sources) {
    this.sources = sources;
    const names = new Set(sources.map((source) => source.document_id));
    if (sources.length && !this.text) {
      replace(this.answer, element('p', { class: 'waiting' },
        `Reading ${plural(sources.length, 'passage')} of ${plural(names.size, 'document')}`));
    }
  }

  takeToken(text) {
    this.text += text;
    if (this.isDrawing) return;
    this.isDrawing = true;
    requestAnimationFrame(() => { this.isDrawing = false; if (!this.isOver) this.draw(); });
  }

  finish(answer) {
    this.text = answer.answer;
    if (answer.rewritten_question) this.takeWhole(answer.rewritten_question);
    this.sources = answer.sources ?? [];
    this.citations = answer.citations ?? [];
    this.isOver = true;
    this.answer.removeAttribute('aria-busy');
    this.root.classList.toggle('refused', Boolean(answer.refused));
    this.draw();
    replace(this.notes,
      answer.refused ? this.closest() : this.footnotes(),
      (answer.warnings ?? []).map((warning) => element('p', { class: 'warning' }, warningText(warning))),
      this.colophon(answer));
    announce(answer.refused ? 'The library does not answer this.' : 'The answer is complete.');
  }

  fail(error, retry) {
    this.isOver = true;
    this.answer.removeAttribute('aria-busy');
    this.draw();
    append(this.answer, [error.name === 'AbortError'
      ? element('p', { class: 'stopped' }, 'Stopped.') : problem(error, retry)]);
  }

  /** Paragraphs, with every [n] of a known source as a footnote. */
  draw() {
    const known = new Set(this.sources.map((source) => source.id));
    let scalars = 0;
    const paragraphs = this.text.split(/\n/).map((line) => {
      const parts = [];
      let last = 0;
      for (const match of line.matchAll(/\s*\[(\d+)\]/g)) {
        const id = Number(match[1]);
        if (!known.has(id)) continue;
        parts.push(line.slice(last, match.index));
        parts.push(this.mark(id, scalars + [...line.slice(0, match.index)].length));
        last = match.index + match[0].length;
      }
      parts.push(line.slice(last));
      scalars += [...line].length + 1;
      if (!line.trim()) return null;
      const bullet = /^\s*[-•*]\s+/.exec(typeof parts[0] === 'string' ? parts[0] : '');
      if (bullet) parts[0] = parts[0].slice(bullet[0].length);
      return element('p', { class: bullet ? 'item' : null }, parts);
    });
    replace(this.answer,
      this.root.classList.contains('refused') ? element('p', { class: 'verdict' }, 'Not in your library') : null,
      paragraphs);
  }

  mark(id, position) {
    const source = this.sources.find((candidate) => candidate.id === id);
    const citation = this.citationAt(id, position);
    return element('sup', { class: 'mark' },
      element('button', {
        type: 'button', 'aria-label': `Footnote ${id}: ${source.filename}${pageText(source, ', ')}`,
        title: citation ? citation.quote : source.filename,
        onclick: (event) => this.open(source, citation, event.currentTarget),
      }, id));
  }

  /** The citation of that source that ends at the mark, or the nearest before it. */
  citationAt(id, position) {
    const own = this.citations.filter((citation) => citation.source === id);
    const distance = (citation) => Math.abs(citation.answer_end - position);
    return own.sort((left, right) => distance(left) - distance(right))[0];
  }

  open(source, citation, from) {
    const cited = this.citations.map((each) => ({
      source: this.sources.find((candidate) => candidate.id === each.source), citation: each,
    })).filter((each) => each.source);
    openSource({ source, citation, from, all: cited });
  }

  footnotes() {
    const cited = new Set(this.citations.map((citation) => citation.source));
    const also = this.sources.filter((source) => !cited.has(source.id));
    return [
      cited.size ? element('ol', { class: 'footnotes', 'aria-label': 'Footnotes' },
        this.sources.filter((source) => cited.has(source.id)).map((source) => this.footnote(source))) : null,
      also.length ? element('details', { class: 'also' },
        element('summary', {}, `${plural(also.length, 'more passage')} read, not cited`),
        element('ol', { class: 'footnotes' }, also.map((source) => this.footnote(source)))) : null,
    ];
  }

  closest() {
    if (!this.sources.length) return null;
    return [element('h3', {}, 'The closest it holds'),
      element('ol', { class: 'footnotes' }, this.sources.map((source) => this.footnote(source)))];
  }

  footnote(source) {
    const own = this.citations.filter((citation) => citation.source === source.id);
    const shown = own.length ? own : [null];
    return element('li', { value: source.id },
      element('button', {
        type: 'button', class: 'origin', onclick: (event) => this.open(source, own[0], event.currentTarget),
      },
      element('span', { class: 'name' }, source.filename),
      element('span', { class: 'place' }, [pageText(source), source.heading].filter(Boolean).join(' · '))),
      shown.map((citation) => element('q', { class: 'quote' }, shorten(citation ? citation.quote : source.text))));
  }

  colophon(answer) {
    const copy = element('button', {
      type: 'button', class: 'quiet', onclick: async () => {
        await navigator.clipboard.writeText(this.asText());
        copy.textContent = 'Copied';
        setTimeout(() => { copy.textContent = 'Copy with sources'; }, 2000);
      },
    }, 'Copy with sources');
    const model = answer.model === 'extractive' ? 'in the words of your documents' : answer.model;
    return element('p', { class: 'colophon' },
      element('span', {}, [model, milliseconds(answer.elapsed_ms), answer.cached ? 'from the cache' : ''].filter(Boolean).join(' · ')),
      answer.refused ? null : copy);
  }

  asText() {
    const cited = new Set(this.citations.map((citation) => citation.source));
    const notes = this.sources.filter((source) => cited.has(source.id))
      .map((source) => `[${source.id}] ${source.filename}${pageText(source, ', ')}`);
    return [this.root.querySelector('h2').textContent, this.text, notes.join('\n')].join('\n\n');
  }
}

export function pageText(source, before = '') {
  return source.page ? `${before}page ${source.page}` : '';
}

export const warningText = (warning) =>
  (typeof warning === 'string' ? warning : warning.message ?? warning.detail ?? warning.code ?? JSON.stringify(warning));

export function shorten(text, max = 320) {
  const plain = String(text ?? '').replace(/\s+/g, ' ').trim();
  if (plain.length <= max) return plain;
  return `${plain.slice(0, plain.lastIndexOf(' ', max))} …`;
}

function showEmpty() {
  const box = byId('ask-empty');
  box.hidden = byId('answers').childElementCount > 0 || !library.isLoaded;
  if (box.hidden) return;
  if (!library.documents.length) {
    replace(box,
      element('h2', {}, 'Begin with a few documents'),
      element('p', {}, 'Drop PDF, Word, HTML, Markdown or text files anywhere on this page, or ',
        element('a', { href: '#library' }, 'choose them in the library'),
        '. They stay on this machine.'));
    return;
  }
  const titles = library.documents.filter((held) => held.title).slice(0, 40);
  const picked = titles.filter((_, index) => index % Math.max(1, Math.floor(titles.length / 4)) === 0).slice(0, 4);
  replace(box,
    element('h2', {}, 'Every sentence carries its source'),
    element('p', {}, 'Ask in your own words. A footnote',
      element('sup', { class: 'mark' }, element('span', {}, '1')),
      ' opens the page it came from, with the passage marked. Where your documents do not say, Footnote tells you so.'),
    picked.length ? element('ul', { class: 'starters', 'aria-label': 'Start from a document' },
      picked.map((held) => element('li', {}, element('button', {
        type: 'button', onclick: () => {
          const field = byId('question');
          field.value = `What does the ${held.title} say about `;
          field.focus();
          field.setSelectionRange(field.value.length, field.value.length);
        },
      }, held.title)))) : null);
}
