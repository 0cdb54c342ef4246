// Which view is shown, and what keys do. The address after # names the view: #ask, #search?q=…, #library, #figures.
import { byId } from './dom.js';
import * as asking from './ask.js';
import * as searching from './search.js';
import * as holding from './library.js';
import * as adding from './upload.js';
import * as figures from './figures.js';
import * as deals from './deals.js';
import { closeSource, stepSource } from './source.js';
import { whenLocked } from './api.js';
import * as session from './session.js';

const VIEWS = ['ask', 'search', 'library', 'deals', 'figures'];
const FIELDS = { ask: 'question', search: 'search-query', library: 'library-filter' };
const TITLES = { ask: 'Footnote', search: 'Search · Footnote', library: 'Library · Footnote', deals: 'Deals · Footnote', figures: 'Figures · Footnote' };
let view = 'ask';

function show() {
  const [name, query] = location.hash.slice(1).split('?');
  const next = VIEWS.includes(name) ? name : 'ask';
  if (next !== view) {
    closeSource();
    scrollTo(0, 0);
  }
  view = next;
  document.title = TITLES[view];
  for (const each of VIEWS) byId(`view-${each}`).hidden = each !== view;
  for (const link of document.querySelectorAll('nav a')) {
    if (link.dataset.view === view) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  const text = new URLSearchParams(query ?? '').get('q');
  if (text) {
    history.replaceState(null, '', `#${view}`);
    if (view === 'ask') asking.put(text);
    if (view === 'search') searching.put(text);
  }
  if (view === 'figures') figures.show();
  if (view === 'deals') deals.show();
  else deals.hide();
  if (matchMedia('(hover: hover)').matches && FIELDS[view] && !text) byId(FIELDS[view]).focus({ preventScroll: true });
}

function isTyping(target) {
  return target instanceof HTMLElement && target.matches('textarea, select, input:not([type=radio]):not([type=file])');
}

addEventListener('keydown', (event) => {
  if (event.metaKey || event.ctrlKey || event.altKey || event.isComposing || byId('confirm').open || byId('login').open) return;
  if (event.key === 'Escape') {
    if (asking.stop() || closeSource()) event.preventDefault();
    else if (isTyping(event.target)) event.target.blur();
    return;
  }
  if (isTyping(event.target)) {
    if (event.key === 'ArrowDown' && event.target.id === 'search-query' && searching.step(1)) event.preventDefault();
    return;
  }
  if (event.key === '/') {
    event.preventDefault();
    const field = byId(FIELDS[view] ?? 'question');
    if (!FIELDS[view]) location.hash = '#ask';
    field.focus();
    field.select?.();
  }
  if (event.key === 'ArrowLeft' && stepSource(-1)) event.preventDefault();
  if (event.key === 'ArrowRight' && stepSource(1)) event.preventDefault();
  if (view === 'search' && (event.key === 'ArrowDown' || event.key === 'ArrowUp')
    && searching.step(event.key === 'ArrowDown' ? 1 : -1)) event.preventDefault();
});

asking.start();
searching.start();
holding.start();
deals.start();
adding.start(() => { location.hash = '#library'; });
addEventListener('hashchange', show);
whenLocked(() => session.ask(() => holding.library.refresh()));
session.start(() => holding.library.refresh());
show();
