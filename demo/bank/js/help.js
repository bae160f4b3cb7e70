/** The help centre's search: articles that hold every word stay, topics without any go. */

const form = document.querySelector('#search');
const status = document.querySelector('#search-status');
const empty = document.querySelector('#search-empty');

function search() {
  const words = form.elements.words.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const topic of document.querySelectorAll('.topic')) {
    const articles = [...topic.querySelectorAll('.article')];
    for (const article of articles) {
      const text = `${topic.querySelector('h2').textContent} ${article.textContent}`.toLowerCase().replace(/\s+/g, ' ');
      article.hidden = !words.every((word) => text.includes(word));
    }
    const left = articles.filter((article) => !article.hidden).length;
    topic.hidden = left === 0;
    count += left;
  }
  empty.hidden = count > 0;
  status.textContent = count === 1 ? '1 answer found' : `${count} answers found`;
}

form.addEventListener('input', search);
form.addEventListener('submit', (event) => {
  event.preventDefault();
  document.querySelector('.article:not([hidden]) summary')?.focus();
});

/** A link to one article opens it, from this page or another. */
function openLinked() {
  const article = document.getElementById(location.hash.slice(1));
  if (!(article instanceof HTMLDetailsElement)) return;
  article.open = true;
  article.scrollIntoView();
}

addEventListener('hashchange', openLinked);
openLinked();
