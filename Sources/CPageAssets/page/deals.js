// The board: deals found, best discount first; the agents' log as it is written; what a deal was compared with; a run now.
import { announce, byId, element, problem, replace } from './dom.js';
import { dealsApi } from './api.js';
import * as map from './map.js';

const LINES = 200;
let source = null;
let timer = null;
let nextRun = null;
let isDue = false;

export async function show() {
  listen();
  timer ??= setInterval(tick, 1000);
  map.show();
  await refresh();
}

export function hide() {
  source?.close();
  source = null;
  clearInterval(timer);
  timer = null;
}

async function refresh() {
  try {
    const list = await dealsApi.list();
    nextRun = list.next_run_at ? Date.parse(list.next_run_at) : null;
    byId('deals-run').disabled = list.running;
    tick();
    draw(list.deals ?? []);
  } catch (error) {
    replace(byId('deals-table'), problem(error, refresh));
  }
}

/** A line of the log may have changed the board; many lines together are one look. */
function refreshSoon() {
  if (isDue) return;
  isDue = true;
  setTimeout(() => { isDue = false; refresh(); }, 400);
}

function tick() {
  const left = nextRun === null ? null : Math.max(0, Math.round((nextRun - Date.now()) / 1000));
  byId('deals-next').textContent = left === null ? 'Runs when asked to' : left > 0 ? `Next run in ${left} s` : 'Running soon';
}

const money = (currency, value) => (typeof value === 'number' ? `${currency} ${value.toFixed(2)}` : '–');

function draw(deals) {
  const box = byId('deals-table');
  if (!deals.length) return replace(box, element('p', { class: 'empty' }, 'No deals yet. A run reads the feeds and prices what it finds.'));
  const heads = ['Deals found so far', 'Price', 'Estimate', 'Discount', 'Link', ''];
  replace(box, element('table', {},
    element('thead', {}, element('tr', {}, heads.map((head) => element('th', { scope: 'col' }, head)))),
    element('tbody', {}, deals.map(row))));
}

function row(deal) {
  const { currency } = deal;
  const link = safeLink(deal.deal.url);
  return element('tr', { class: deal.alerted ? 'alerted' : null },
    element('th', { scope: 'row' }, element('button', { type: 'button', class: 'plain', onclick: () => open(deal.id) }, deal.deal.product_description)),
    element('td', { class: 'figure', 'data-label': 'Price' }, money(currency, deal.deal.price)),
    element('td', { class: 'figure', 'data-label': 'Estimate' }, money(currency, deal.estimate),
      deal.interval ? element('span', { class: 'quietly' }, ` (${deal.interval[0].toFixed(2)} to ${deal.interval[1].toFixed(2)})`) : null),
    element('td', { class: 'figure', 'data-label': 'Discount' }, money(currency, deal.discount)),
    element('td', { 'data-label': 'Link' }, link ? element('a', { href: link, rel: 'noreferrer noopener', target: '_blank' }, new URL(link).host) : '–'),
    element('td', {}, element('button', { type: 'button', onclick: (event) => send(deal.id, event.target) }, 'Send alert')));
}

/** What a feed calls an address may be a script: only the web's own schemes become links. */
function safeLink(address) {
  try {
    const url = new URL(address);
    return ['http:', 'https:'].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

async function send(id, button) {
  button.disabled = true;
  try {
    const outcome = await dealsApi.notify(id);
    const words = outcome.warnings.length ? outcome.warnings[0] : `${outcome.sent} sent`;
    button.textContent = outcome.warnings.length ? 'Not sent' : 'Sent';
    button.title = words;
    announce(words);
  } catch (error) {
    button.textContent = 'Not sent';
    button.title = error.message;
  }
  button.disabled = false;
}

async function open(id) {
  const box = byId('deal-details');
  try {
    const deal = await dealsApi.deal(id);
    replace(box, element('h2', {}, deal.deal.product_description),
      element('p', {}, deal.reason || 'not weighed yet'),
      deal.missing.length ? element('p', {}, `Without: ${deal.missing.join(', ')}`) : null,
      element('p', {}, ['specialist', 'frontier', 'random_forest'].map((part) =>
        `${part.replace('_', ' ')} ${money(deal.currency, deal.parts?.[part])}`).join(', ')),
      element('h3', {}, 'Compared with'),
      deal.comparables.length
        ? element('ul', {}, deal.comparables.map((each) => element('li', {},
          element('span', { class: 'figure' }, money(deal.currency, each.price)), ' ',
          safeLink(each.url) ? element('a', { href: safeLink(each.url), rel: 'noreferrer noopener', target: '_blank' }, each.title) : each.title)))
        : element('p', {}, 'nothing'),
      notes(deal).map((note) => element('p', { class: 'quietly' }, note)),
      deal.messages.length ? element('p', {}, deal.messages.map((each) => `${each.channel}: ${each.state}`).join(', ')) : null);
    box.hidden = false;
    box.scrollIntoView({ block: 'nearest' });
  } catch (error) {
    replace(box, problem(error));
    box.hidden = false;
  }
}

/** What went wrong on the way to its estimate. */
function notes(deal) {
  return [...(deal.evidence?.page ?? []).map((each) => `page: ${each}`), ...(deal.evidence?.remarks ?? [])];
}

function listen() {
  if (source) return;
  const pane = byId('deals-log');
  source = new EventSource('/deals/events');
  // Each connection begins with the recent lines again.
  source.addEventListener('open', () => replace(pane));
  source.addEventListener('log', (event) => {
    const line = JSON.parse(event.data);
    const entry = element('p', { class: `agent-${line.agent.toLowerCase().replaceAll(' ', '-')}` }, `[${line.at}] [${line.agent}] ${line.text}`);
    pane.append(entry);
    while (pane.childElementCount > LINES) pane.firstElementChild.remove();
    pane.scrollTop = pane.scrollHeight;
    if (line.agent === 'Agent Framework' || line.agent === 'Ensemble Agent') refreshSoon();
  });
}

export function start() {
  map.start();
  byId('deals-run').addEventListener('click', async () => {
    byId('deals-run').disabled = true;
    try {
      await dealsApi.run();
    } catch (error) {
      announce(error.message);
      byId('deals-next').textContent = error.message;
    }
    refresh();
  });
}
