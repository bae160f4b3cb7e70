// A classic script in <head>: the stored choice is set before the first paint, so no page flashes in the wrong theme.
(() => {
  const root = document.documentElement;

  const apply = () => {
    let theme = null;
    let dir = null;
    try {
      theme = localStorage.getItem('tidewell-theme');
      dir = localStorage.getItem('tidewell-dir');
    } catch {
      // Storage is refused (private window, policy): the page follows the system.
    }
    if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
    else delete root.dataset.theme;
    root.dir = dir === 'rtl' ? 'rtl' : 'ltr';
  };

  root.classList.add('js');
  apply();
  // The choice may change in another tab, or while this page rests in the back/forward cache.
  addEventListener('storage', apply);
  addEventListener('pageshow', (event) => {
    if (event.persisted) apply();
  });
})();
