// The operator's view: what is held, how well the server does, what it costs.
import { byId, element, milliseconds, number, problem, replace } from './dom.js';
import { api } from './api.js';

export async function show() {
  const box = byId('figures');
  try {
    // The report is an addition: the figures stand without it.
    const [stats, health, report] = await Promise.all([api.stats(), api.health().catch(() => null), api.report().catch(() => null)]);
    replace(box, held(stats), health ? state(health) : null, report ? usage(report) : null, collections(stats));
  } catch (error) {
    replace(box, problem(error, show));
  }
}

const figure = (value, label) => element('div', { class: 'tile' }, element('b', {}, value), element('span', {}, label));

const held = (stats) => element('div', { class: 'tiles' },
  figure(number(stats.unique_documents), 'documents'),
  figure(number(stats.total_chunks), 'passages'),
  figure(number(stats.total_words), 'words'),
  figure(number(stats.avg_chunk_size), 'characters a passage'));

function state(health) {
  const parts = Object.entries(health.parts ?? {}).map(([name, value]) => [name, typeof value === 'string' ? value : value.status]);
  return element('section', {},
    element('h2', {}, 'State'),
    element('p', { class: `state ${health.status}` }, dot(health.status), health.status,
      health.uptime_seconds ? element('span', { class: 'quietly' }, ` for ${duration(health.uptime_seconds)}`) : null,
      health.version ? element('span', { class: 'quietly' }, ` · version ${health.version}`) : null),
    parts.length ? element('ul', { class: 'parts' }, parts.map(([name, value]) =>
      element('li', { class: `state ${value}` }, dot(value), name, element('span', { class: 'quietly' }, ` ${value}`)))) : null);
}

const dot = () => element('i', { class: 'dot', 'aria-hidden': 'true' });

function usage(report) {
  const summary = report.summary ?? report;
  const latency = report.latency_ms ?? summary.latency_ms ?? {};
  const tiles = [
    [number(summary.requests ?? summary.total_requests), 'requests in 24 h'],
    [milliseconds(latency.p50), 'median'], [milliseconds(latency.p95), '95 of 100 within'],
    [milliseconds(latency.p99), '99 of 100 within'],
  ].filter(([value]) => value && value !== '–');
  if (!tiles.length) return null;
  return element('section', {}, element('h2', {}, 'The last day'),
    element('div', { class: 'tiles' }, tiles.map(([value, label]) => figure(value, label))));
}

function collections(stats) {
  if (!stats.collections?.length) return null;
  const most = Math.max(...stats.collections.map((each) => each.chunks), 1);
  return element('section', {}, element('h2', {}, 'Collections'),
    element('table', {},
      element('thead', {}, element('tr', {}, element('th', { scope: 'col' }, 'Name'),
        element('th', { scope: 'col', class: 'figure' }, 'Documents'), element('th', { scope: 'col', class: 'figure' }, 'Passages'),
        element('th', {}, element('span', { class: 'visually-hidden' }, 'Share')))),
      element('tbody', {}, stats.collections.map((each) => element('tr', {},
        element('th', { scope: 'row' }, each.name),
        element('td', { class: 'figure', 'data-label': 'Documents' }, number(each.documents)),
        element('td', { class: 'figure', 'data-label': 'Passages' }, number(each.chunks)),
        element('td', { class: 'bar' }, element('meter', { min: 0, max: most, value: each.chunks, 'aria-hidden': 'true' })))))));
}

function duration(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} seconds`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} minutes`;
  if (seconds < 172800) return `${Math.round(seconds / 3600)} hours`;
  return `${Math.round(seconds / 86400)} days`;
}
