/**
 * A relay in a process of its own, to be killed: `tsx relay-process.ts <directory> <desk key in hexadecimal> [<ms ahead>]`. It
 * prints its port. With a third argument its clock is that much ahead, and it lets one address ask as often as it likes.
 * @module
 */
import { join } from 'node:path';
import { nodeClock } from '../../src/adapters/node/node-clock.ts';
import { fromHex } from '../../src/bytes/text.ts';
import { createRelay, lmdbStore } from '../../src/relay/main.ts';

const [directory = '', desk = '', ahead] = process.argv.slice(2);
const wide = { burst: 10_000, perMinute: 0 };
const relay = createRelay({
  ...{ store: lmdbStore(join(directory, 'store')), data: directory, desks: [fromHex(desk)] },
  ...(ahead === undefined
    ? {}
    : {
        clock: { ...nodeClock, now: () => Date.now() + Number(ahead) },
        limits: { rates: { addressEvaluations: wide, addressRequests: wide }, requestsAtOnce: 200 },
      }),
});
const { port } = await relay.listen(0);
process.stdout.write(`${port}\n`);
