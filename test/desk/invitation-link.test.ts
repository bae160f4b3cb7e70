import { expect } from 'chai';
import { takeInvitation, type LinkPlace } from '../../src/desk/invitation-link.ts';
import { encodeInvitation, type Invitation } from '../../src/identity/enrolment.ts';
import { codeOfThrow } from '../support/code-of-throw.ts';

const NOW = 1_800_000_000_000;
const invitation: Invitation = {
  ...{ v: 1, desk: new Uint8Array(32).fill(7), id: new Uint8Array(16).fill(3) },
  ...{ secret: new Uint8Array(32).fill(9), role: 'agent', expires: NOW + 1000 },
};

/** A page's address, and what it was replaced with. */
function place(hash: string): LinkPlace & { readonly replaced: string[] } {
  const replaced: string[] = [];
  return {
    replaced,
    location: { hash, pathname: '/desk', search: '?a=1' },
    history: { state: 'kept', replaceState: (state, _unused, url) => replaced.push(`${String(state)} ${url}`) },
  };
}

describe('the invitation in the link', () => {
  it('is taken and leaves the address bar', () => {
    const link = place(`#${encodeInvitation(invitation)}`);
    expect(takeInvitation(link, NOW)).to.deep.equal(invitation);
    expect(link.replaced).to.deep.equal(['kept /desk?a=1']);
  });

  it('is not missed where there is none, and the address is left alone', () => {
    const link = place('');
    expect(takeInvitation(link, NOW)).to.equal(null);
    expect(link.replaced).to.deep.equal([]);
  });

  it('leaves the address bar also when it is broken or too old', async () => {
    const whole = encodeInvitation(invitation);
    for (const broken of ['abc', '%', whole.slice(0, -4), `${whole}AA`, whole.replace(/^./, '_')]) {
      const link = place(`#${broken}`);
      expect(await codeOfThrow(() => takeInvitation(link, NOW)), broken).to.equal('invitation-malformed');
      expect(link.replaced).to.have.length(1);
    }
    const late = place(`#${whole}`);
    expect(await codeOfThrow(() => takeInvitation(late, NOW + 1000))).to.equal('invitation-expired');
    expect(late.replaced).to.have.length(1);
  });
});
