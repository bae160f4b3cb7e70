/** Theme and direction: set at once, kept on this device, followed by the chat. */

const root = document.documentElement;

/**
 * @param {string} name of the radio group and of the stored key
 * @param {string} initial the choice that is not stored
 * @param {(choice: string) => void} apply
 */
function wireChoice(name, initial, apply) {
  const key = `tidewell-${name}`;
  const group = document.querySelectorAll(`input[name=${name}]`);
  const stored = localStorage.getItem(key) ?? initial;
  for (const input of group) {
    input.checked = input.value === stored;
    input.addEventListener('change', () => {
      if (input.value === initial) localStorage.removeItem(key);
      else localStorage.setItem(key, input.value);
      apply(input.value);
    });
  }
}

wireChoice('theme', 'auto', (theme) => {
  if (theme === 'auto') delete root.dataset.theme;
  else root.dataset.theme = theme;
});

wireChoice('dir', 'ltr', (dir) => {
  root.dir = dir;
});
