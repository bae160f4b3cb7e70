import { expect } from 'chai';
import { ChatError, codeOf, peerError, usageError } from '../src/errors.ts';

describe('errors', () => {
  it('carry whose fault it is, a code, details, and what caused them', () => {
    const cause = new Error('below');
    const error = peerError('shape-mismatch', 'must be a map', { cause, details: { path: 'frame.to' } });
    expect(error).to.be.instanceOf(ChatError).and.instanceOf(Error);
    expect(error.name).to.equal('ChatError');
    expect(error.kind).to.equal('peer');
    expect(error.code).to.equal('shape-mismatch');
    expect(error.details).to.deep.equal({ path: 'frame.to' });
    expect(error.cause).to.equal(cause);
    expect(usageError('bad-call', 'wrong').kind).to.equal('usage');
  });

  it('have no cause rather than an undefined one', () => {
    expect(Object.hasOwn(usageError('bad-call', 'wrong'), 'cause')).to.equal(false);
  });

  it('of any other class are internal, whatever code they claim', () => {
    expect(codeOf(peerError('hex-malformed', 'odd length'))).to.equal('hex-malformed');
    for (const thrown of [
      new TypeError('x'),
      Object.assign(new Error('x'), { code: 'hex-malformed' }),
      'text',
      undefined,
    ]) {
      expect(codeOf(thrown)).to.equal('internal');
    }
  });
});
