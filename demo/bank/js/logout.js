/** Logging out takes the chat with it: nothing of this customer stays on a device that others may use. */

const asking = document.querySelector('#asking');
const done = document.querySelector('#done');
const button = document.querySelector('#log-out');
const progress = document.querySelector('#progress');
const failure = document.querySelector('#failure');

button.addEventListener('click', async () => {
  button.disabled = true;
  failure.textContent = '';
  progress.textContent = 'Erasing the chat from this device…';
  try {
    await customElements.whenDefined('secure-chat');
    await document.querySelector('secure-chat').logout({ wipe: true });
  } catch (error) {
    button.disabled = false;
    progress.textContent = '';
    failure.textContent = 'The chat could not be erased from this device. Please try again.';
    throw error;
  }
  sessionStorage.clear();
  for (const part of document.querySelectorAll('.nav, .bar-end')) part.hidden = true;
  asking.hidden = true;
  done.hidden = false;
  done.querySelector('h1').focus();
});
