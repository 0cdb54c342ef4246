// The products in space: like ones lie near each other. Turned by the mouse, a finger or the arrow keys; the wheel and
// plus and minus come nearer. Nothing is drawn while nothing moves.
import { byId, element, number, problem, replace } from './dom.js';
import { dealsApi } from './api.js';

const COLOURS = {
  appliances: '#e5484d', automotive: '#4c7dff', 'cell phones': '#a9714b', 'cell phones & accessories': '#a9714b',
  electronics: '#f08c1d', 'musical instruments': '#d9b310', 'office products': '#2f9e58', office: '#2f9e58',
  tools: '#9456d6', 'tools & home improvement': '#9456d6', toys: '#1fb5c4', 'toys & games': '#1fb5c4',
};
const OTHERS = ['#7d8b99', '#c2568f', '#5c9e31', '#8a6fd1', '#b06a2c', '#3f8f8a', '#a34545', '#6f7f2f'];
const state = { points: [], colours: new Map(), turn: 0.6, tilt: 0.35, near: 1, hidden: new Set(), spot: null };
let isAsked = false;

/** A colour a category; those nobody foresaw get what is left, in the order of their names, so always the same. */
function colours(categories) {
  const known = (category) => COLOURS[category.toLowerCase().replaceAll('_', ' ').replaceAll(' and ', ' & ')];
  const others = categories.filter((category) => !known(category)).sort();
  return new Map(categories.map((category) => [category, known(category) ?? OTHERS[others.indexOf(category) % OTHERS.length]]));
}

export async function show() {
  draw();
  if (isAsked) return;
  isAsked = true;
  const note = byId('map-note');
  note.textContent = 'Laying out the products…';
  try {
    const map = await dealsApi.map();
    take(map.points ?? []);
    note.textContent = `${number(state.points.length)} of ${number(map.products)} products; like ones lie near each other. Drag to turn.`;
  } catch (error) {
    isAsked = false;
    if (error.status === 404) note.textContent = 'No products yet: footnote products import FILE brings some in.';
    else replace(note, problem(error, show));
  }
}

function take(points) {
  const axes = ['x', 'y', 'z'];
  const middle = axes.map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / Math.max(1, points.length));
  const reach = Math.max(1e-9, ...points.map((point) => Math.hypot(...axes.map((axis, i) => point[axis] - middle[i]))));
  state.points = points.map((point) => ({ ...point, at: axes.map((axis, i) => (point[axis] - middle[i]) / reach) }));
  const counts = new Map();
  for (const point of points) counts.set(point.category, (counts.get(point.category) ?? 0) + 1);
  state.colours = colours([...counts.keys()]);
  replace(byId('map-legend'), [...counts].sort((a, b) => b[1] - a[1]).slice(0, 16).map(([category, count]) => {
    const swatch = element('span', { class: 'swatch', 'aria-hidden': 'true' });
    swatch.style.background = state.colours.get(category);
    return element('button', {
      type: 'button', class: 'plain', 'aria-pressed': 'true',
      onclick: (event) => {
        const isShown = state.hidden.delete(category);
        if (!isShown) state.hidden.add(category);
        event.currentTarget.setAttribute('aria-pressed', String(isShown));
        draw();
      },
    }, swatch, `${category || 'no category'} (${number(count)})`);
  }));
  draw();
}

/** Where each point falls on the canvas, the far ones first. */
function placed(width, height) {
  const [sinTurn, cosTurn] = [Math.sin(state.turn), Math.cos(state.turn)];
  const [sinTilt, cosTilt] = [Math.sin(state.tilt), Math.cos(state.tilt)];
  const scale = Math.min(width, height) * 0.48 * state.near;
  return state.points.filter((point) => !state.hidden.has(point.category)).map((point) => {
    const [x, y, z] = point.at;
    const across = x * cosTurn + z * sinTurn;
    const deep = z * cosTurn - x * sinTurn;
    const up = y * cosTilt - deep * sinTilt;
    const depth = deep * cosTilt + y * sinTilt;
    const size = 2.2 / (2.2 + depth);
    return { point, x: width / 2 + across * scale * size, y: height / 2 - up * scale * size, size, depth };
  }).sort((a, b) => b.depth - a.depth);
}

function draw() {
  const canvas = byId('map');
  const { clientWidth: width, clientHeight: height } = canvas;
  if (!width || !height) return;
  const ratio = Math.min(2, devicePixelRatio || 1);
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const pen = canvas.getContext('2d');
  pen.scale(ratio, ratio);
  pen.clearRect(0, 0, width, height);
  for (const dot of placed(width, height)) {
    pen.globalAlpha = dot.point === state.spot ? 1 : Math.max(0.25, Math.min(0.9, 0.6 * dot.size));
    pen.fillStyle = state.colours.get(dot.point.category) ?? '#888';
    pen.beginPath();
    pen.arc(dot.x, dot.y, (dot.point === state.spot ? 6 : 2.6) * dot.size, 0, 2 * Math.PI);
    pen.fill();
  }
}

let isDue = false;
function redraw() {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => { isDue = false; draw(); });
}

/** What lies under the pointer is named below the map. */
function point(event) {
  const box = byId('map').getBoundingClientRect();
  const [x, y] = [event.clientX - box.left, event.clientY - box.top];
  let best = null;
  for (const dot of placed(box.width, box.height)) {
    const far = Math.hypot(dot.x - x, dot.y - y);
    if (far < 9 && (!best || far <= best.far)) best = { far, point: dot.point };
  }
  if (state.spot === (best?.point ?? null)) return;
  state.spot = best?.point ?? null;
  byId('map-spot').textContent = state.spot ? `${state.spot.title}, ${state.spot.price.toFixed(2)}` : '';
  redraw();
}

function turn(across, up) {
  state.turn += across;
  state.tilt = Math.max(-1.5, Math.min(1.5, state.tilt + up));
  redraw();
}

function come(factor) {
  state.near = Math.max(0.5, Math.min(6, state.near * factor));
  redraw();
}

export function start() {
  const canvas = byId('map');
  canvas.addEventListener('pointerdown', (event) => canvas.setPointerCapture(event.pointerId));
  canvas.addEventListener('pointermove', (event) => {
    if (event.buttons) turn(event.movementX * 0.008, event.movementY * 0.008);
    else point(event);
  });
  canvas.addEventListener('wheel', (event) => {
    event.preventDefault();
    come(event.deltaY < 0 ? 1.1 : 1 / 1.1);
  }, { passive: false });
  canvas.addEventListener('keydown', (event) => {
    const steps = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, -0.1], ArrowDown: [0, 0.1] };
    if (steps[event.key]) turn(...steps[event.key]);
    else if (event.key === '+' || event.key === '=') come(1.2);
    else if (event.key === '-') come(1 / 1.2);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  addEventListener('resize', redraw);
}
