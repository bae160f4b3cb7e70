// Preloaded (`node --import`): kills the process before the n-th effect on its files, n being KILL_AT from 0 on, as
// `kill -9` and a power cut do.
import { createRequire, syncBuiltinESMExports } from 'node:module';

const files = createRequire(import.meta.url)('node:fs/promises');
const at = Number(process.env.KILL_AT);
let steps = 0;

function step() {
  if (steps++ === at) process.kill(process.pid, 'SIGKILL');
}

for (const name of ['link', 'mkdir', 'rename', 'unlink', 'writeFile']) {
  const original = files[name];
  files[name] = async (...args) => {
    step();
    return original(...args);
  };
}
const open = files.open;
files.open = async (...args) => {
  const handle = await open(...args);
  for (const name of ['chmod', 'sync', 'writeFile']) {
    const original = handle[name].bind(handle);
    handle[name] = async (...rest) => {
      step();
      return original(...rest);
    };
  }
  return handle;
};
syncBuiltinESMExports();
