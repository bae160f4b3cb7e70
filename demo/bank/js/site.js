/** What every page does: the menu, the buttons that open the chat, and a chat that wears the site's theme. */

const root = document.documentElement;

/** The chat takes the theme by attribute; the direction it inherits from the page. */
function dressChat() {
  document.querySelector('secure-chat').setAttribute('theme', root.dataset.theme ?? 'auto');
}

function wireMenu() {
  const button = document.querySelector('.menu');
  const nav = document.querySelector('#nav');
  const isOpen = () => button.getAttribute('aria-expanded') === 'true';
  const set = (open) => {
    nav.classList.toggle('nav-open', open);
    button.setAttribute('aria-expanded', String(open));
  };
  button.addEventListener('click', () => set(!isOpen()));
  addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !isOpen()) return;
    set(false);
    button.focus();
  });
}

/** A click that comes before the chat's script has loaded is answered as soon as it has. */
function wireChatButtons() {
  for (const button of document.querySelectorAll('[data-chat]')) {
    button.addEventListener('click', async () => {
      await customElements.whenDefined('secure-chat');
      document.querySelector('secure-chat').show();
    });
  }
}

dressChat();
new MutationObserver(dressChat).observe(root, { attributeFilter: ['data-theme'] });
wireMenu();
wireChatButtons();
