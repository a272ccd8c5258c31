'use strict';
// The failures of findings: a list to filter and search, each with its evidence, which is drawn when it is opened.
const data = JSON.parse(document.getElementById('data').textContent);
const list = document.getElementById('failures');
const count = document.getElementById('count');
const search = document.getElementById('search');
const diagnosis = document.getElementById('diagnosis');
const side = document.getElementById('side');

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children.filter(child => child !== null));
  return made;
}

/** A rank on a logarithmic scale: the better, the stronger the colour. */
function ofRank(rank) {
  return rank === 1 ? 'up5' : rank <= 3 ? 'up4' : rank <= 10 ? 'up3' : rank <= 100 ? 'up2' : rank <= 1000 ? 'up1' : '';
}

/** A signed effect as a share of the largest. */
function ofEffect(value, largest) {
  const step = largest > 0 ? Math.ceil(5 * Math.abs(value) / largest - 0.5) : 0;
  return step < 1 ? '' : (value > 0 ? 'up' : 'down') + Math.min(5, step);
}

function heat(caption, corner, columns, rows, describe) {
  const head = element('tr', {}, element('th', { scope: 'col' }, corner), ...columns.map(c => element('th', { scope: 'col' }, c)));
  const body = rows.map((row, layer) => element('tr', {}, element('th', { scope: 'row' }, String(layer)), ...row.map((value, i) => {
    const [text, colour, title] = describe(value, layer, i);
    const cell = element('td', { class: colour }, text);
    if (title) cell.title = title;
    return cell;
  })));
  return element('div', {}, element('p', { class: 'note' }, caption),
    element('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': caption },
      element('table', { class: 'heat', 'aria-label': caption }, element('thead', {}, head), element('tbody', {}, ...body))));
}

/** A token as text: vocabularies spell the space before a word by a sign of their own. */
function spelled(token) {
  return token.replace(/^[\u0120\u2581]/, '');
}

function lens(failure) {
  const curves = failure.lens;
  const rows = curves[0].map((_, layer) => curves.map(curve => curve[layer]));
  const within = data.k ? ' A bridge counts as surfaced within rank ' + data.k + '.' : '';
  return heat('Logit lens: rank of the token after each layer (1 is the likeliest).' + within, 'layer', [
    'bridge \u201c' + spelled(failure.tokens[0]) + '\u201d where its phrase ends', 'answer \u201c' + spelled(failure.tokens[1]) + '\u201d there',
    'bridge at the last token', 'answer there'], rows, rank => [String(rank), ofRank(rank), '']);
}

function heads(failure) {
  if (!failure.heads) return element('p', { class: 'note' }, 'This case was not mediated.');
  const largest = Math.max(...failure.heads.flat().map(Math.abs));
  const columns = failure.heads[0].map((_, head) => 'H' + head);
  return heat('Attention heads at the last token: what restoring one from the guide prompt does to the ' + data.measure
    + (failure.controlled ? ', less what a wrong bridge\u2019s guide does' : ''), 'layer', columns, failure.heads,
    (value, layer, head) => [value.toFixed(1).replace('-0.0', '0.0'), ofEffect(value, largest), 'L' + layer + 'H' + head + ': ' + value]);
}

function evidence(failure) {
  const kind = data.diagnoses[failure.diagnosis];
  return element('div', { class: 'inside' },
    element('p', {}, 'Right would be ', element('b', {}, failure.answer), ', by way of ', element('b', {}, failure.bridge), '.'),
    element('p', { class: 'note' }, 'Guide prompt: ' + failure.guide),
    element('p', {}, element('b', {}, kind.words), ': ' + kind.meaning + '.'),
    failure.heads ? element('p', { class: 'note' }, 'p(answer) ' + failure.probability + '; restored most by ' + failure.top) : null,
    element('div', { class: 'side-by-side' }, lens(failure), heads(failure)),
    element('ul', {}, ...kind.remedies.map(remedy => element('li', {}, remedy))));
}

const entries = data.failures.map(failure => {
  const entry = element('details', { id: failure.id }, element('summary', {},
    failure.prompt + ' \u2192 ', element('span', { class: 'says' }, failure.predicted || '(nothing)'),
    element('span', { class: 'tag' }, data.diagnoses[failure.diagnosis].words),
    failure.artefact ? element('span', { class: 'tag' }, failure.artefact + '?') : null,
    element('span', { class: 'id' }, failure.id + ', ' + failure.side + ' side')));
  entry.addEventListener('toggle', () => { if (entry.open && entry.children.length === 1) entry.append(evidence(failure)); });
  const text = [failure.id, failure.prompt, failure.predicted, failure.answer, failure.bridge, failure.artefact].join(' ').toLowerCase();
  return { entry, failure, text };
});

function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(word => word);
  let shown = 0;
  for (const { entry, failure, text } of entries) {
    const fits = (diagnosis.value === '' || String(failure.diagnosis) === diagnosis.value)
      && (side.value === '' || failure.side === side.value) && words.every(word => text.includes(word));
    entry.hidden = !fits;
    if (fits) shown++;
  }
  count.textContent = shown + ' of ' + entries.length + ' failures';
}

list.append(...entries.map(one => one.entry));
for (const control of [search, diagnosis, side]) control.addEventListener('input', filter);
filter();
function openNamed() {
  const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (named && named.tagName === 'DETAILS') { named.open = true; named.scrollIntoView(); }
}
addEventListener('hashchange', openNamed);
openNamed();
