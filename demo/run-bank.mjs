// The demo itself: relay, desk and pages, until SIGINT or SIGTERM. It uses the package's public entries alone.
import { once } from 'node:events';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createRelay, jsonLog, lmdbStore } from 'secure-chat/relay';
import { attendDesk, createDesk, openDesk } from 'secure-chat/office';
import { bankPages } from './bank-pages.mjs';

const day = 24 * 3_600_000;

/** Runs until it is told to end; rejects when it cannot start. */
export async function runBank({ root, port: wanted, data, invite, say }) {
  const ending = endSignal();
  const opened = [];
  try {
    mkdirSync(data, { recursive: true, mode: 0o700 });
    const desk = await theDesk(join(data, 'desk'), say);
    opened.push(desk);

    const log = createWriteStream(join(data, 'relay.log'), { mode: 0o600 });
    await once(log, 'open');
    opened.push({ close: () => new Promise((resolve) => log.end(resolve)) });
    const store = lmdbStore(join(data, 'relay', 'store'));
    opened.push(store);

    // The pages name the port, which is known only when the relay listens.
    let pages = null;
    const relay = createRelay({
      store,
      data: join(data, 'relay'),
      desks: [desk.key],
      assets: join(root, 'dist/browser'),
      site: (request, response) => pages(request, response),
      log: relayLog(log),
    });
    opened.push(relay);
    const { port } = await relay.listen(wanted, '127.0.0.1');
    pages = bankPages({
      directory: join(root, 'demo/bank'),
      relay: `ws://localhost:${port}`,
      deskKey: desk.deskKey,
    });

    const approvals = approver(say);
    const attendance = await attendDesk({
      desk,
      relay: `ws://127.0.0.1:${port}`,
      onRequests: approvals.take,
      onDropped: (code) => console.error(`A request to become an agent was refused: ${code}`),
      onProblem: (error) => console.error(`The desk will try again: ${error.code ?? error}`),
    });
    opened.push(attendance);
    const fragment = invite || desk.members.length === 0 ? await desk.invite({ role: 'agent', life: day }) : null;
    if (fragment !== null)
      say('The link to the desk lets one browser in, within a day; the demo approves it by itself.');
    say(`Bank page: http://localhost:${port}/`);
    say(`Agent desk: http://localhost:${port}/desk${fragment === null ? '' : `#${fragment}`}`);
    approvals.begin(attendance);
    await ending;
  } finally {
    for (const part of opened.reverse()) await part.close();
  }
}

async function theDesk(directory, say) {
  try {
    return await openDesk({ directory });
  } catch (error) {
    if (error.code !== 'desk-missing') throw error;
    say('First start: making a desk. Its root key lies beside the relay, which only a demo may do.');
    return createDesk({ directory }, { name: 'Tidewell Bank' });
  }
}

/** Approves whoever holds an invitation, which a real desk does only after comparing fingerprints. */
function approver(say) {
  let begin;
  /** Nothing is said of approvals before the addresses are. */
  const begun = new Promise((resolve) => (begin = resolve));
  const taken = new Set();
  const approve = async (request) => {
    const attendance = await begun;
    await attendance.approve(request);
    say(`Agent approved: ${request.name}, without comparing the fingerprint ${request.fingerprint} (a demo).`);
  };
  return {
    begin,
    take: (requests) => {
      for (const request of requests) {
        const id = Buffer.from(request.id).toString('hex');
        if (taken.has(id)) continue;
        taken.add(id);
        approve(request).catch((error) => {
          taken.delete(id);
          console.error(`An agent could not be approved: ${error.code ?? error}`);
        });
      }
    },
  };
}

/** Everything into the file; what is wrong also where somebody sees it. */
function relayLog(file) {
  const write = jsonLog((line) => file.write(line), Date.now);
  return (entry) => {
    write(entry);
    if (entry.level === 'error') console.error(`relay: ${JSON.stringify(entry)}`);
  };
}

/** Resolves at the first signal; the second ends at once. */
function endSignal() {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM']) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(1));
        resolve();
      });
    }
    // npm passes a signal on to its shell alone, which dies of it and tells nobody.
    const parent = process.ppid;
    if (process.env.npm_lifecycle_event === 'start') {
      setInterval(() => process.ppid !== parent && resolve(), 500).unref();
    }
  });
}
