/**
 * A relay in a process of its own, to be killed: `tsx relay-process.ts <directory> <desk key in hexadecimal>`. It prints
 * its port.
 * @module
 */
import { join } from 'node:path';
import { fromHex } from '../../src/bytes/text.ts';
import { createRelay, lmdbStore } from '../../src/relay/main.ts';

const [directory = '', desk = ''] = process.argv.slice(2);
const relay = createRelay({ store: lmdbStore(join(directory, 'store')), data: directory, desks: [fromHex(desk)] });
const { port } = await relay.listen(0);
process.stdout.write(`${port}\n`);
