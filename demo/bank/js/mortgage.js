/** What overpaying changes: the same arithmetic as the schedule, run forward month by month. */
import { formatMoney, formatPounds } from './money.js';

const plan = document.querySelector('#plan');
const balance = Number(plan.dataset.balance);
const monthlyRate = Number(plan.dataset.rate) / 1200;
const payment = (balance * monthlyRate) / (1 - (1 + monthlyRate) ** -Number(plan.dataset.months));
const slider = plan.querySelector('input');
const show = (name, text) => {
  plan.querySelector(`[data-show=${name}]`).textContent = text;
};

/**
 * @param {number} extra pounds more a month
 * @returns {{balances: number[], interest: number}} what is owed at each month's end until nothing is, and all interest
 */
function run(extra) {
  const balances = [balance];
  let interest = 0;
  while (balances.at(-1) > 0.005) {
    const due = balances.at(-1) * monthlyRate;
    interest += due;
    balances.push(Math.max(0, balances.at(-1) + due - payment - extra));
  }
  return { balances, interest };
}

const spell = (count, unit) => `${count} ${unit}${count === 1 ? '' : 's'}`;

/** @param {number} months @returns {string} such as `2 years 5 months` */
function spellMonths(months) {
  const parts = [];
  if (months >= 12) parts.push(spell(Math.floor(months / 12), 'year'));
  if (months % 12 > 0 || months === 0) parts.push(spell(months % 12, 'month'));
  return parts.join(' ');
}

const agreed = run(0);

function draw() {
  const extra = Number(slider.value);
  const { balances, interest } = run(extra);
  const width = 600 / (agreed.balances.length - 1);
  const points = balances.map((owed, month) => {
    return `${(month * width).toFixed(1)} ${(160 - (160 * owed) / agreed.balances[0]).toFixed(1)}`;
  });
  plan.querySelector('#overpaid').setAttribute('d', `M${points.join('L')}`);
  show('extra', formatMoney(extra));
  show('monthly', formatMoney(payment + extra));
  show('sooner', extra === 0 ? 'As agreed' : `${spellMonths(agreed.balances.length - balances.length)} sooner`);
  show('saved', formatPounds(agreed.interest - interest));
  slider.setAttribute('aria-valuetext', `${formatMoney(extra)} more a month`);
}

slider.addEventListener('input', draw);
draw();
