import { expect } from 'chai';
import { healthOf } from '../../src/desk/health.ts';
import { DeskPhrases } from '../../src/desk/strings.ts';
import type { ClientStatus, Verification } from '../../src/engine/views.ts';

const NOW = 1_800_000_000_000;
const phrases = new DeskPhrases();
const verification: Verification = {
  ...{ state: 'verified', deskName: 'Example Bank', recorded: true, retentionDays: 30, notice: null, deskKey: 'dk1_' },
  ...{ issuedAt: NOW - 2 * 3_600_000, freshUntil: NOW + 3_600_000, storage: 'guest', missing: [] },
};
const status = (over: Partial<ClientStatus> = {}, trust: Partial<Verification> = {}): ClientStatus => ({
  ...{ connection: 'online', leader: true, pending: 0, latency: 40.4, problem: null },
  ...over,
  verification: { ...verification, ...trust },
});
const health = (over?: Partial<ClientStatus>, trust?: Partial<Verification>) =>
  healthOf(status(over, trust), 3, NOW, phrases);
const failures = (over?: Partial<ClientStatus>, trust?: Partial<Verification>) =>
  health(over, trust).failures.map(({ text, action }) => `${text} [${action}]`);

describe('the health of the desk', () => {
  it('is one line when all is well', () => {
    expect(health().facts.join(' · ').replace('hr. ', 'hr ')).to.equal(
      '3 chats encrypted · relay 40 ms · staff list signed 2 hr ago · 0 waiting to send',
    );
    expect(health().failures).to.deep.equal([]);
  });

  it('claims no round trip that it does not know', () => {
    expect(health({ latency: null }).facts).to.include('relay connected');
    expect(health({ connection: 'offline', latency: 40 }).facts.join()).not.to.match(/relay \d/);
    expect(health({ connection: 'connecting' }).facts).to.include('Connecting to the relay…');
  });

  it('tells what waits, and that another tab sends', () => {
    expect(health({ pending: 2, leader: false }).facts.slice(-2)).to.deep.equal([
      '2 waiting to send',
      'another tab sends',
    ]);
  });

  it('says each failure in one sentence with at most one thing to do', () => {
    const cases = [
      failures({ connection: 'offline' }),
      failures({}, { state: 'stale' }),
      failures({}, { state: 'none', issuedAt: null }),
      failures({}, { state: 'alarm' }),
      failures({ problem: { code: 'store-full', recoverable: false, details: {} } }),
      failures({ problem: { code: 'relay-protocol', recoverable: true, details: {} } }),
    ];
    for (const found of cases) {
      expect(found).to.have.length(1);
      expect(found[0]).to.match(/^[^.]+\.? \[(reopen|report|null)\]$/);
    }
  });

  it('opens nothing anew without a connection: the PIN could not be checked', () => {
    const problem = { code: 'relay-protocol', recoverable: true, details: {} };
    expect(failures({ problem }).join()).to.contain('[reopen]');
    expect(failures({ problem, connection: 'offline' }).join()).not.to.contain('[reopen]');
  });

  it('says an alarm once and first', () => {
    const problem = { code: 'directory-equivocation', recoverable: false, details: {} };
    const found = failures({ connection: 'offline', problem }, { state: 'alarm' });
    expect(found).to.have.length(2);
    expect(found[0]).to.match(/Two different staff lists/);
  });

  it('does not miss the staff list before there was a connection', () => {
    expect(failures({ connection: 'connecting' }, { state: 'none', issuedAt: null })).to.deep.equal([]);
  });
});
