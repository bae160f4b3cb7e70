import { expect } from 'chai';
import type { Party, Verification } from '../../src/engine/views.ts';
import { factsOf, readersSentence } from '../../src/ui/padlock-facts.ts';
import { Phrases } from '../../src/ui/strings.ts';

const verification: Verification = {
  state: 'verified',
  deskName: 'Bank Example',
  recorded: true,
  retentionDays: 400,
  notice: null,
  deskKey: 'dk1_abc',
  issuedAt: Date.UTC(2025, 2, 12),
  freshUntil: Date.UTC(2025, 2, 15),
  storage: 'guest',
  missing: [],
};
const sara: Party = { device: 's', name: 'Sara', role: 'agent', status: 'joined', self: false };
const self: Party = { device: 'c', name: null, role: 'customer', status: 'joined', self: true };
const phrases = new Phrases({ locale: 'en-GB' });

describe('who can read', () => {
  const say = (parties: Party[], patch: Partial<Verification> = {}): string =>
    readersSentence({ ...verification, ...patch }, parties, 'customer', phrases);

  it('is the team before somebody joined', () => {
    expect(say([self])).to.equal('You, the team of Bank Example and its record can read this chat.');
    expect(say([self, { ...sara, status: 'asked' }], { recorded: false })).to.equal(
      'You and the team of Bank Example can read this chat.',
    );
  });

  it('is everyone who has joined, by name, and the record', () => {
    expect(say([self, sara])).to.equal('You, Sara of Bank Example and its record can read this chat.');
    expect(say([self, sara, { ...sara, name: 'Omar' }], { recorded: false })).to.equal(
      'You, Sara of Bank Example and Omar of Bank Example can read this chat.',
    );
  });

  it('is not who has left, nor the archive by its own name', () => {
    expect(
      say([self, sara, { ...sara, name: 'Omar', status: 'left' }, { ...sara, name: 'Tape', role: 'archive' }]),
    ).to.equal('You, Sara of Bank Example and its record can read this chat.');
  });

  it('names the customer to an agent', () => {
    expect(readersSentence(verification, [sara], 'agent', phrases)).to.equal(
      'You, the customer, Sara of Bank Example and Bank Example’s record can read this chat.',
    );
  });
});

describe('the grounds', () => {
  const headings = (patch: Partial<Verification>): string[] =>
    factsOf({ ...verification, ...patch }, phrases).map(({ heading }) => heading);
  const text = (patch: Partial<Verification>): string =>
    factsOf({ ...verification, ...patch }, phrases)
      .map((fact) => fact.text)
      .join(' ');

  it('begin with the state of the verification', () => {
    expect(headings({})[0]).to.equal('Who answers is verified');
    expect(headings({ state: 'stale' })[0]).to.equal('The staff list is out of date');
    expect(headings({ state: 'none' })[0]).to.equal('Who answers is not yet known');
    expect(headings({ state: 'alarm' })[0]).to.equal('Two different staff lists');
    expect(text({})).to.contain('12 March 2025');
    expect(text({ state: 'stale' })).to.contain('15 March 2025');
  });

  it('say whether and how long it is recorded, with the desk’s own notice', () => {
    expect(text({})).to.contain('for 400 days');
    expect(text({ retentionDays: 1 })).to.contain('for 1 day.');
    expect(text({ retentionDays: null })).to.contain('keeps a copy that only it can read');
    expect(headings({ recorded: false })).to.contain('This chat is not recorded');
    expect(text({ notice: 'Calls too.' })).to.contain('Calls too.');
  });

  it('say what protects what is stored here', () => {
    expect(text({ storage: 'guest' })).to.contain('without a PIN');
    expect(text({ storage: 'pin' })).to.contain('only with your PIN');
    expect(text({ storage: 'passkey' })).to.contain('only with your passkey');
    expect(text({ storage: 'memory' })).to.contain('Nothing is stored');
  });

  it('say what this browser does not protect, and nothing where it protects everything', () => {
    expect(headings({})).not.to.contain('What this browser does not protect');
    const missing = ['locks', 'passkeys', 'worker', 'persistence', 'secure-context'] as const;
    expect(headings({ missing })).to.contain('What this browser does not protect');
    for (const words of ['between tabs', 'no passkeys', 'stutter', 'space runs low', 'without encryption'])
      expect(text({ missing })).to.contain(words);
    expect(text({ missing: ['persistence'] })).not.to.contain('stutter');
    expect(text({ missing, storage: 'memory' }), 'of what is stored there is nothing to say').not.to.contain('space');
  });

  it('show the desk key for comparison', () => {
    expect(factsOf(verification, phrases).at(-1)?.code).to.equal('dk1_abc');
  });
});
