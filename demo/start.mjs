// `npm start`: a relay, a desk and a bank's pages on this machine. Reads PORT (8080; 0: any free one) and
// SECURE_CHAT_DATA (.data). With --invite it makes an invitation although there is an agent already.
// Nothing is imported here that an old Node or a fresh clone could not load.
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeReady } from './make-ready.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const oldestNode = [20, 19];
const say = (line) => console.log(line);

/** What the person who started it can put right. */
class Refusal extends Error {}

function settings() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1])) {
    throw new Refusal(`Node ${oldestNode.join('.')} or later is needed, and this is ${process.versions.node}.`);
  }
  const unknown = process.argv.slice(2).find((argument) => argument !== '--invite');
  if (unknown !== undefined) throw new Refusal(`${unknown} is not an option; there is only --invite.`);
  const port = process.env.PORT || '8080';
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    throw new Refusal(`PORT=${port} is not a port from 0 to 65535.`);
  const given = process.env.SECURE_CHAT_DATA;
  return {
    port: Number(port),
    data: given ? resolve(given) : resolve(root, '.data'),
    invite: process.argv.includes('--invite'),
  };
}

/** One sentence for what can be put right; undefined for what is a fault of the program. */
function sentenceOf(error, { port, data } = {}) {
  if (error instanceof Refusal) return error.message;
  const reason = error.cause?.code ?? error.code;
  if (error.code === 'listen-failed' && reason === 'EADDRINUSE') {
    return `Port ${port} is in use; choose another, such as PORT=${port + 1} npm start, or any free one with PORT=0.`;
  }
  if (error.code === 'listen-failed') return `Port ${port} cannot be listened on (${reason}).`;
  if (error.code === 'desk-in-use') {
    return `The data in ${data} are in use by process ${error.details.pid}; end it, or set SECURE_CHAT_DATA to another directory.`;
  }
  if (error.code === 'desk-file-exposed') {
    return `${error.details.path} holds a secret and others can read it (mode ${error.details.mode}); run chmod 600 on it.`;
  }
  if (error.code === 'desk-file-malformed') {
    return `The desk's files in ${data} are damaged; restore them, or move the directory away to begin anew.`;
  }
  if (error.code === 'desk-state-older') {
    return `The relay's data in ${data} are newer than the desk's; restore both from the same moment, or begin anew.`;
  }
  if (error.code === 'desk-directory-unusable' || ['EACCES', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENOSPC'].includes(reason)) {
    return `The data directory ${data} cannot be written (${error.details?.reason ?? reason}); set SECURE_CHAT_DATA to another.`;
  }
  return undefined;
}

let chosen;
try {
  chosen = settings();
  const failure = await makeReady(root, say);
  if (failure !== null) throw new Refusal(failure);
  const { runBank } = await import('./run-bank.mjs');
  await runBank({ ...chosen, root, say });
} catch (error) {
  console.error(sentenceOf(error, chosen) ?? error);
  process.exitCode = 1;
}
