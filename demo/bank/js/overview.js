/** The overview: the transactions can be searched and split by direction; a frozen card says so. */
import { recall } from './session.js';

const form = document.querySelector('#filter');
const status = document.querySelector('#filter-status');
const empty = document.querySelector('#filter-empty');

/** Dates hold no-break spaces, and the source holds line breaks: one space stands for all. */
const textOf = (row) => row.textContent.toLowerCase().replace(/\s+/g, ' ');

function filter() {
  const { words, flow } = Object.fromEntries(new FormData(form));
  const wanted = words.trim().toLowerCase();
  let count = 0;
  for (const day of document.querySelectorAll('#ledger > section')) {
    const rows = [...day.querySelectorAll('li')];
    for (const row of rows) {
      row.hidden = !(flow === 'all' || row.dataset.flow === flow) || !textOf(row).includes(wanted);
    }
    const left = rows.filter((row) => !row.hidden).length;
    day.hidden = left === 0;
    count += left;
  }
  empty.hidden = count > 0;
  status.textContent = count === 1 ? '1 transaction shown' : `${count} transactions shown`;
}

form.addEventListener('input', filter);
form.addEventListener('submit', (event) => event.preventDefault());

const cards = recall('cards', {});
for (const badge of document.querySelectorAll('[data-card]')) {
  if (cards[badge.dataset.card]?.frozen) badge.textContent = 'Frozen';
}
