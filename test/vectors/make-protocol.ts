/** Writes protocol-*.json. By hand: `npx tsx test/vectors/make-protocol.ts`; the same bytes every time. */
import { writeFileSync } from 'node:fs';
import { protocolVectors } from './protocol-vectors.ts';

for (const [name, text] of Object.entries(await protocolVectors())) {
  writeFileSync(new URL(name, import.meta.url), text);
  console.log(`${name}: ${text.length} B`);
}
