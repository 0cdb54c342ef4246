// Building elements without ever parsing text as HTML: what comes from documents goes in as text nodes only.

/** element('p', {class: 'x', onclick: f, 'aria-label': '…'}, 'text', child, …); null and false children are left out. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else if (key === 'dataset') Object.assign(made.dataset, value);
    else made.setAttribute(key, value === true ? '' : String(value));
  }
  append(made, children);
  return made;
}

export function append(parent, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    parent.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return parent;
}

export const byId = (id) => document.getElementById(id);

export function replace(parent, ...children) {
  parent.replaceChildren();
  return append(parent, children);
}

/** Told to screen readers, seen by nobody. */
export function announce(text) { byId('announcer').textContent = text; }

const whole = new Intl.NumberFormat('en');
export const number = (value) => (typeof value === 'number' ? whole.format(Math.round(value)) : '–');
export const plural = (count, one, many = one + 's') => `${number(count)} ${count === 1 ? one : many}`;

export function milliseconds(value) {
  if (typeof value !== 'number') return '';
  if (value < 10) return `${value.toFixed(1)} ms`;
  return value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`;
}

export function bytes(value) {
  if (typeof value !== 'number') return '–';
  const units = ['B', 'kB', 'MB', 'GB'];
  let index = 0;
  while (value >= 1000 && index < units.length - 1) { value /= 1000; index += 1; }
  return `${value < 10 && index > 0 ? value.toFixed(1) : Math.round(value)} ${units[index]}`;
}

export function day(timestamp) {
  const date = new Date(timestamp);
  return Number.isNaN(date.getTime())
    ? '–' : date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
}

/** What went wrong and what to do, as the server said it. */
export function problem(error, retry = null) {
  return element('div', { class: 'problem', role: 'alert' },
    element('p', {}, element('strong', {}, sentence(error.message))),
    error.hint ? element('p', {}, sentence(error.hint)) : null,
    retry ? element('button', { type: 'button', onclick: retry }, 'Try again') : null);
}

export function sentence(text) {
  const trimmed = String(text ?? '').trim();
  if (!trimmed) return '';
  const start = trimmed[0].toUpperCase() + trimmed.slice(1);
  return /[.!?…]$/.test(start) ? start : `${start}.`;
}
