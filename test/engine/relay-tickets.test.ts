import { expect } from 'chai';
import { DrivenClock, settled } from '../../src/adapters/memory/driven-clock.ts';
import { memoryLocks } from '../../src/adapters/memory/memory-locks.ts';
import { memoryRecords } from '../../src/adapters/memory/memory-records.ts';
import { toHex } from '../../src/bytes/text.ts';
import { relayTickets } from '../../src/engine/relay-tickets.ts';
import { openVault } from '../../src/engine/unlock.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';
import { realRandom } from '../support/random.ts';
import { ScriptedRelay } from '../support/scripted-relay.ts';
import { TicketRelay } from '../support/ticket-relay.ts';

const WEEK = 7 * 24 * 3_600_000;
const id = new Uint8Array(16).fill(3);
const half = new Uint8Array(32).fill(4);

describe('tickets over the relay', () => {
  let clock: DrivenClock;
  let relay: ScriptedRelay;
  let held: TicketRelay;
  let tickets: ReturnType<typeof relayTickets>;

  beforeEach(() => {
    clock = new DrivenClock();
    relay = new ScriptedRelay(clock);
    held = new TicketRelay(clock);
    relay.onRequest = (frame) => {
      if (frame.type === 'ticket-put') {
        if (frame.body.expires > clock.now() + relay.skew + WEEK) relay.refuse(frame, 'ticket-lifetime');
        else void held.put(frame.body.id, frame.body.half).then(() => relay.reply(frame, {}));
      } else if (frame.type === 'ticket-read') {
        void held.read(frame.body.id).then((found) => {
          if (found === undefined) relay.refuse(frame, 'ticket-unknown');
          else relay.reply(frame, { half: found });
        });
      } else if (frame.type === 'ticket-drop') {
        const known = held.held.delete(toHex(frame.body.id));
        if (known) relay.reply(frame, {});
        else relay.refuse(frame, 'ticket-unknown');
      }
    };
    tickets = relayTickets({
      ports: { transport: relay.transport, clock, random: realRandom },
      url: 'wss://relay.example',
    });
  });

  afterEach(() => {
    tickets.close();
    expect(clock.timers).to.equal(0);
  });

  it('keep, give and forget a half, without saying who asks', async () => {
    expect(await tickets.read(id)).to.equal(undefined);
    await tickets.put(id, half);
    expect(await tickets.read(id)).to.deep.equal(half);
    await tickets.drop(id);
    await tickets.drop(id);
    expect(await tickets.read(id)).to.equal(undefined);
    expect(relay.auths).to.have.length(0);
    expect(relay.peers).to.have.length(1);
  });

  it('ask for nearly the longest life by the relay’s clock, whatever the own one says', async () => {
    for (const skew of [0, 3 * WEEK, -3 * WEEK]) {
      relay.skew = skew;
      await tickets.put(id, half);
      const last = relay.requests.at(-1);
      expect(last?.type === 'ticket-put' && last.body.expires - clock.now() - skew).to.equal(WEEK - 60_000);
      await clock.advance(6_000);
    }
  });

  it('leave no connection behind that nobody uses', async () => {
    expect(relay.peers).to.have.length(0);
    await tickets.put(id, half);
    await clock.advance(4_999);
    expect(relay.peer.isOpen).to.equal(true);
    await clock.advance(1);
    expect(relay.peer.isOpen).to.equal(false);
    expect(clock.timers).to.equal(0);
    await tickets.read(id);
    expect(relay.peers).to.have.length(2);
  });

  it('fail at once when the relay cannot be reached, and do not go on trying', async () => {
    relay.transport.setNetwork('refusing');
    expect(await codeOfThrow(() => tickets.read(id))).to.equal('relay-unreachable');
    await clock.advance(120_000);
    relay.transport.setNetwork('up');
    await clock.advance(120_000);
    expect(relay.peers).to.have.length(0);
    expect(await tickets.read(id)).to.equal(undefined);
  });

  it('fail after a while when nothing is heard at all', async () => {
    relay.transport.setNetwork('dead');
    const code = codeOfThrow(() => tickets.read(id));
    await clock.advance(15_000);
    expect(await code).to.equal('relay-disconnected');
  });

  it('take a fresh connection when the last one broke while nobody used it', async () => {
    await tickets.put(id, half);
    relay.peer.close();
    await settled();
    expect(await tickets.read(id)).to.deep.equal(half);
    expect(relay.peers).to.have.length(2);
  });

  it('pass on the relay’s refusals', async () => {
    relay.onRequest = (frame) => relay.refuse(frame, 'rate-limited', { retryAfter: 1_000 });
    expect(await codeOfThrow(() => tickets.put(id, half))).to.equal('rate-limited');
    expect(await codeOfThrow(() => tickets.read(id))).to.equal('rate-limited');
    expect(await codeOfThrow(() => tickets.drop(id))).to.equal('rate-limited');
  });

  it('are refused after closing, and for a URL in the clear', async () => {
    await tickets.put(id, half);
    tickets.close();
    expect(await codeOfThrow(() => tickets.read(id))).to.equal('relay-closed');
    const ports = { transport: relay.transport, clock, random: realRandom };
    expect(await codeOfThrow(() => relayTickets({ ports, url: 'ws://relay.example' }))).to.equal('relay-insecure');
  });

  it('open a vault', async () => {
    const ports = { records: memoryRecords(), locks: memoryLocks(), clock, random: realRandom };
    const vault = await openVault({ ports, tickets, kind: 'guest' });
    const again = await openVault({ ports, tickets, kind: 'guest' });
    expect(again.keys.masterKey()).to.deep.equal(vault.keys.masterKey());
    vault.lock();
    again.lock();
    relay.transport.setNetwork('dead');
    await clock.advance(40_000);
    const code = codeOfThrow(() => openVault({ ports, tickets, kind: 'guest' }));
    await clock.advance(20_000);
    expect(await code).to.equal('vault-offline');
  });
});
