/** Card controls: freezing stops everything else; what is set stays for the session. */
import { recall, remember } from './session.js';

const cards = recall('cards', {});

for (const panel of document.querySelectorAll('[data-card]')) {
  const card = (cards[panel.dataset.card] ??= {});
  const status = panel.querySelector('[role=status]');

  const draw = () => {
    panel.querySelector('.plastic').toggleAttribute('data-frozen', card.frozen === true);
    panel.querySelector('fieldset').disabled = card.frozen === true;
  };

  for (const control of panel.querySelectorAll('.switch')) {
    control.checked = card[control.name] ?? control.defaultChecked;
    control.addEventListener('change', () => {
      card[control.name] = control.checked;
      remember('cards', cards);
      draw();
      if (control.name !== 'frozen') return;
      status.textContent = control.checked
        ? 'Card frozen. Nothing can be paid with it until you turn it on again.'
        : 'Card in use again.';
    });
  }
  draw();
}
