/** The payment form: checked, shown once more before it counts, then listed with what is coming up. */
import { formatMoney, parseMoney } from './money.js';
import { recall, remember } from './session.js';

const form = document.querySelector('#payment');
const review = document.querySelector('#review');
const status = document.querySelector('#payment-status');
const field = (name) => form.elements[name];

const checks = {
  payee: (value) => (value ? '' : 'Choose who you are paying.'),
  name: (value) => (value.trim() ? '' : 'Enter the name on the account.'),
  sort: (value) => (/^\d{2}[ -]?\d{2}[ -]?\d{2}$/.test(value.trim()) ? '' : 'A sort code has six digits: 00-00-00.'),
  account: (value) => (/^\d{8}$/.test(value.replace(/\s/g, '')) ? '' : 'An account number has eight digits.'),
  amount: (value) => {
    const amount = parseMoney(value);
    if (Number.isNaN(amount) || amount === 0) return 'Enter an amount such as 25 or 25.50.';
    const account = field('from').selectedOptions[0];
    const available = Number(account.dataset.available);
    return amount > available ? `You have ${formatMoney(available)} available in ${account.dataset.name}.` : '';
  },
};

function showError(name, message) {
  const input = field(name);
  document.querySelector(`#${name}-error`).textContent = message;
  if (message) input.setAttribute('aria-invalid', 'true');
  else input.removeAttribute('aria-invalid');
}

/** @returns {HTMLElement | undefined} the first field that needs another look */
function check() {
  const names = Object.keys(checks).filter((name) => !field(name).closest('[hidden]'));
  const wrong = names.filter((name) => {
    const message = checks[name](field(name).value);
    showError(name, message);
    return message !== '';
  });
  return wrong.length > 0 ? field(wrong[0]) : undefined;
}

function readPayment() {
  const isNew = field('payee').value === 'new';
  return {
    payee: isNew ? field('name').value.trim() : field('payee').selectedOptions[0].dataset.name,
    from: field('from').selectedOptions[0].dataset.name,
    amount: parseMoney(field('amount').value),
    reference: field('reference').value.trim() || 'None',
    when: field('when').selectedOptions[0].textContent.trim(),
  };
}

function listPayment({ payee, from, amount, when }) {
  const row = document.querySelector('#upcoming-row').content.cloneNode(true);
  row.querySelector('.text-name').textContent = payee;
  row.querySelector('.text-note').textContent = `${when}, from ${from}`;
  row.querySelector('.money').textContent = formatMoney(-amount);
  document.querySelector('#upcoming').prepend(row);
}

field('payee').addEventListener('change', () => {
  document.querySelector('#new-payee').hidden = field('payee').value !== 'new';
});

form.addEventListener('input', (event) => {
  const { name, value } = event.target;
  if (event.target.hasAttribute('aria-invalid')) showError(name, checks[name](value));
});

form.addEventListener('submit', (event) => {
  event.preventDefault();
  status.textContent = '';
  const wrong = check();
  if (wrong) {
    wrong.focus();
    return;
  }
  const payment = readPayment();
  for (const [name, value] of Object.entries(payment)) {
    review.querySelector(`[data-show=${name}]`).textContent = name === 'amount' ? formatMoney(value) : value;
  }
  review.returnValue = '';
  review.showModal();
});

review.addEventListener('close', () => {
  if (review.returnValue !== 'confirm') return;
  const payment = readPayment();
  remember('payments', [...recall('payments', []), payment]);
  listPayment(payment);
  form.reset();
  document.querySelector('#new-payee').hidden = true;
  const sum = formatMoney(payment.amount);
  status.textContent = `${sum} to ${payment.payee} is on its way. You find it under “Coming up”.`;
});

for (const payment of recall('payments', [])) listPayment(payment);

const paused = recall('paused-orders', {});
for (const control of document.querySelectorAll('#orders .switch')) {
  const note = control.closest('li').querySelector('[data-next]');
  const draw = () => {
    note.textContent = control.checked ? note.dataset.next : 'Paused';
  };
  control.checked = paused[control.name] !== true;
  control.addEventListener('change', () => {
    paused[control.name] = !control.checked;
    remember('paused-orders', paused);
    draw();
  });
  draw();
}
