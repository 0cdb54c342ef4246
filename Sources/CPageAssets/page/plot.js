// Small pictures of figures over time, as SVG. Each names what it shows for those who cannot see it, and every bar tells
// its figures when pointed at.
const SPACE = 'http://www.w3.org/2000/svg';
const WIDTH = 600;
const HEIGHT = 120;
const FOOT = 16;

function shape(name, attributes, ...children) {
  const node = document.createElementNS(SPACE, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children.filter((child) => child !== null));
  return node;
}

/** `parts`: {at, label} and a number for each of `series`: {name, value(part), style: 'bar' | 'line'}, on one scale. */
export function plot(title, parts, series, shown) {
  const values = series.flatMap((each) => parts.map(each.value)).filter((value) => value !== null);
  const most = Math.max(...values, 0);
  if (!parts.length || most <= 0) return null;
  const step = WIDTH / parts.length;
  const y = (value) => HEIGHT - (value / most) * HEIGHT;
  const drawn = series.flatMap((each) => (each.style === 'line' ? line(each, parts, step, y) : bars(each, parts, step, y)));
  const over = parts.map((part, index) => shape('rect', { x: index * step, y: 0, width: step, height: HEIGHT, class: 'over' },
    shape('title', {}, `${clock(part.at)}: ${series.map((each) => `${each.name} ${shown(each.value(part))}`).join(', ')}`)));
  const image = shape('svg', { viewBox: `0 -4 ${WIDTH} ${HEIGHT + FOOT + 4}`, role: 'img', class: 'plot',
    'aria-label': `${title}: at most ${shown(most)}` }, ...drawn, ...over,
    label(0, parts[0].at, 'start'), label(WIDTH, parts.at(-1).at, 'end'));
  const figure = document.createElement('figure');
  const caption = document.createElement('figcaption');
  caption.append(title, ...series.map((each) => {
    const key = document.createElement('span');
    key.className = `key ${each.kind}`;
    key.textContent = each.name;
    return key;
  }), Object.assign(document.createElement('span'), { className: 'quietly', textContent: `at most ${shown(most)}` }));
  figure.append(caption, image);
  return figure;
}

const bars = (each, parts, step, y) => parts.map((part, index) => {
  const value = each.value(part) ?? 0;
  return shape('rect', { x: index * step + 1, y: y(value), width: Math.max(1, step - 2), height: HEIGHT - y(value), class: each.kind });
});

/** Broken where there is nothing to show. */
function line(each, parts, step, y) {
  let path = '';
  let isOpen = false;
  parts.forEach((part, index) => {
    const value = each.value(part);
    if (value === null) { isOpen = false; return; }
    const x = (index + 0.5) * step;
    path += isOpen ? `L${x} ${y(value)}` : `M${x - step / 3} ${y(value)}L${x + step / 3} ${y(value)}`;
    isOpen = true;
  });
  return [shape('path', { d: path, class: `line ${each.kind}` })];
}

const label = (x, at, anchor) => shape('text', { x, y: HEIGHT + FOOT - 3, 'text-anchor': anchor }, clock(at));

const clock = (at) => new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
