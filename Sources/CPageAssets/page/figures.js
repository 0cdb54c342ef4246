// The operator's view: what is held, how well the server does, what it costs.
import { byId, element, milliseconds, number, plural, problem, replace } from './dom.js';
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
  const parts = Object.entries(health.parts ?? {});
  return element('section', {},
    element('h2', {}, 'State'),
    element('p', { class: `state ${health.status}` }, dot(), health.status,
      health.uptime_seconds ? element('span', { class: 'quietly' }, ` for ${duration(health.uptime_seconds)}`) : null,
      health.version ? element('span', { class: 'quietly' }, ` · version ${health.version}`) : null),
    parts.length ? element('ul', { class: 'parts' }, parts.map(([name, part]) =>
      element('li', { class: `state ${part.status}` }, dot(), name,
        element('span', { class: 'quietly' }, ` ${part.status}${part.detail ? `: ${part.detail}` : ''}`)))) : null);
}

const dot = () => element('i', { class: 'dot', 'aria-hidden': 'true' });

function usage(report) {
  const { summary } = report;
  const latency = summary.latency_ms;
  const tiles = [
    [number(summary.requests), 'requests in 24 h'], [number(summary.errors), 'of them failed'],
    [milliseconds(latency.p50), 'median'], [milliseconds(latency.p95), '95 of 100 within'],
    [milliseconds(latency.p99), '99 of 100 within'],
  ].filter(([value]) => value && value !== '–');
  if (!tiles.length) return null;
  return element('section', {}, element('h2', {}, 'The last day'),
    element('div', { class: 'tiles' }, tiles.map(([value, label]) => figure(value, label))),
    operations(report.operations), models(report));
}

/** The operations that took most time in all, each with a bar for it. */
function operations(all) {
  const rows = Object.entries(all ?? {}).map(([name, each]) => ({ name, ...each, total: each.requests * each.latency_ms.mean }))
    .sort((left, right) => right.total - left.total).slice(0, 12);
  if (!rows.length) return null;
  return element('table', {},
    element('thead', {}, element('tr', {}, element('th', { scope: 'col' }, 'Operation'),
      ['Requests', 'Median', '95 of 100'].map((title) => element('th', { scope: 'col', class: 'figure' }, title)),
      element('th', {}, element('span', { class: 'visually-hidden' }, 'Share of all time')))),
    element('tbody', {}, rows.map((row) => element('tr', {},
      element('th', { scope: 'row' }, row.name),
      element('td', { class: 'figure', 'data-label': 'Requests' }, number(row.requests)),
      element('td', { class: 'figure', 'data-label': 'Median' }, milliseconds(row.latency_ms.p50)),
      element('td', { class: 'figure', 'data-label': '95 of 100' }, milliseconds(row.latency_ms.p95)),
      element('td', { class: 'bar' }, element('meter', { min: 0, max: rows[0].total, value: row.total, 'aria-hidden': 'true' }))))));
}

function models(report) {
  const rows = Object.entries(report.models ?? {});
  if (!rows.length) return null;
  const costs = Object.entries(report.cost ?? {}).map(([currency, each]) =>
    `${each.total} ${currency} in a day, ${each.projected_monthly} a month at this rate`);
  return [element('h2', {}, 'Models'),
    element('ul', { class: 'parts' }, rows.map(([name, each]) => element('li', {}, name, element('span', { class: 'quietly' },
      ` ${plural(each.calls, 'call')}, ${number(each.input_tokens)} tokens in, ${number(each.output_tokens)} out, median ${milliseconds(each.latency_ms.p50)}`)))),
    costs.map((cost) => element('p', { class: 'quietly' }, cost))];
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
