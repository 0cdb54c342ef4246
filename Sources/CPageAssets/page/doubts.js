// What an answer leaves open: sources that contradict one another, side by side with their dates, and what a model wrote
// that the sources do not carry.
import { element, plural } from './dom.js';

const FAULTS = {
  invented: 'the sources do not say it', number: 'the sources give another number', date: 'the sources give another date',
  name: 'the sources name somebody or something else', negation: 'the sources say the opposite',
  opposite: 'the sources say the opposite', quotation: 'the words quoted do not stand there',
  instruction: 'it follows an order hidden in a document', link: 'it was a link or a picture', too_long: 'it did not end',
};

/** `open` shows a statement of a source where it stands. */
export function doubts(answer, open) {
  return [(answer.disagreements ?? []).map((sides) => disagreement(sides, open)), remarks(answer.remarks ?? [])];
}

const disagreement = (sides, open) => element('section', { class: 'disagreement' },
  element('h3', {}, 'The sources disagree'),
  element('table', {},
    element('thead', {}, element('tr', {}, ['Says', 'Source', 'Dated'].map((title) => element('th', { scope: 'col' }, title)))),
    element('tbody', {}, sides.map((side) => element('tr', {},
      element('td', { 'data-label': 'Says' }, element('strong', {}, side.values.join(', '))),
      element('td', { 'data-label': 'Source' },
        element('button', { type: 'button', class: 'quiet', title: side.quote, onclick: (event) => open(side, event.currentTarget) },
          side.filename)),
      element('td', { 'data-label': 'Dated' }, side.date || '–'))))));

function remarks(all) {
  const dropped = all.filter((remark) => remark.treatment === 'dropped');
  const corrected = all.filter((remark) => remark.treatment === 'corrected');
  return [list(dropped, 'left out'), list(corrected, 'put into the source\u2019s own words')];
}

const list = (all, what) => (all.length ? element('details', { class: 'also' },
  element('summary', {}, `${plural(all.length, 'sentence')} ${what}`),
  element('ul', {}, all.map((remark) => element('li', {}, element('q', {}, remark.sentence),
    element('span', { class: 'quietly' }, ` ${FAULTS[remark.fault] ?? remark.fault}`))))) : null);
