import { expect } from '@open-wc/testing';
import { claimButton, mount, open, press, row, rowsOf, settled, waitUntil } from './desk-fixture.ts';
import { ChatError } from '../../src/errors.ts';
import { addWaiting, busyScene, emptyScene, TOM, waitingId } from './scene.ts';

describe('two agents and one customer', () => {
  it('one wins, and the other sees who, in the row and in words that are read out', async () => {
    const { desk, sara, tom } = emptyScene();
    for (const at of [0, 1]) addWaiting(desk, at, desk.now());
    const [hers, his] = [await mount(sara), await mount(tom)];
    // Both press before either sees what the other did.
    claimButton(his, waitingId(0))?.click();
    claimButton(hers, waitingId(0))?.click();
    await settled();
    expect(rowsOf(his, 'Mine').map(({ dataset }) => dataset.id)).to.deep.equal([waitingId(0)]);
    expect(rowsOf(hers, 'Mine')).to.deep.equal([]);
    const taken = row(hers, waitingId(0)).closest('li');
    expect(taken?.querySelector('.taken')?.textContent).to.equal('Taken by Tom Okafor');
    expect(taken?.textContent, 'what it was is still told').to.contain('Card blocked abroad');
    expect(claimButton(hers, waitingId(0))).to.equal(null);
    expect(hers.find('[role="alert"]').textContent).to.contain('Card blocked abroad: Taken by Tom Okafor');
    expect(hers.all('sc-composer')).to.deep.equal([]);
  });

  it('the next claim takes the next customer, not the one that is gone', async () => {
    const { desk, sara, tom } = emptyScene();
    for (const at of [0, 1]) addWaiting(desk, at, desk.now());
    const hers = await mount(sara);
    await Promise.all([tom.claim(waitingId(0)), press('c')]);
    await press('c');
    expect(rowsOf(hers, 'Mine').map(({ dataset }) => dataset.id)).to.deep.equal([waitingId(1)]);
  });

  it('says in the open conversation who has it now, and shows it no longer', async () => {
    const { sara, tom } = await busyScene();
    const hers = await mount(sara);
    await open(hers, waitingId(1));
    expect(hers.find('[role="log"]').textContent).to.contain('someone logged in');
    await tom.claim(waitingId(1));
    await settled();
    expect(hers.text('.bar')).to.equal('Taken by Tom Okafor');
    expect(hers.all('[role="log"]')).to.deep.equal([]);
    expect(hers.all('.bar .button')).to.deep.equal([]);
  });

  it('says who it was also when the refusal comes before the queue that names them', async () => {
    const { sara, tom } = await busyScene();
    const hers = await mount(sara);
    sara.claim = async () => {
      throw new ChatError('environment', 'already-claimed', 'refused', { details: { by: TOM } });
    };
    claimButton(hers, waitingId(0))?.click();
    await settled();
    const said = () => [hers.text('.taken'), hers.text('.toast')];
    expect(said()).to.deep.equal(['Taken by a colleague', 'Card blocked abroad: Taken by a colleague']);
    await tom.claim(waitingId(0));
    await settled();
    expect(said()).to.deep.equal(['Taken by Tom Okafor', 'Card blocked abroad: Taken by Tom Okafor']);
  });

  it('what a colleague takes keeps its place for a moment: no other row comes under the finger', async () => {
    const { sara, tom } = await busyScene();
    const hers = await mount(sara);
    const before = rowsOf(hers, 'Waiting').map(({ dataset }) => dataset.id);
    await tom.claim(waitingId(2));
    await settled();
    expect(rowsOf(hers, 'Waiting').map(({ dataset }) => dataset.id)).to.deep.equal(before);
    expect(row(hers, waitingId(2)).closest('li')?.querySelector('.taken')?.textContent).to.equal('Taken by Tom Okafor');
    expect(row(hers, waitingId(2)).textContent).not.to.contain('fixed rate');
    expect(hers.all('.toast'), 'nobody asked').to.deep.equal([]);
    await waitUntil(() => rowsOf(hers, 'Waiting').length === 19, 'it stays for ever', { timeout: 6000 });
  });

  it('what a colleague gives back can be claimed at once', async () => {
    const { sara, tom } = await busyScene();
    const hers = await mount(sara);
    await tom.claim(waitingId(2));
    await settled();
    expect(claimButton(hers, waitingId(2))).to.equal(null);
    await tom.leave(waitingId(2), { requeue: true });
    await settled();
    claimButton(hers, waitingId(2))?.click();
    await settled();
    expect(rowsOf(hers, 'Mine').map(({ dataset }) => dataset.id)).to.include(waitingId(2));
  });

  it('a double click claims once', async () => {
    const { desk, sara } = emptyScene();
    addWaiting(desk, 0, desk.now());
    const hers = await mount(sara);
    let claims = 0;
    const claim = sara.claim.bind(sara);
    sara.claim = (id) => {
      claims++;
      return claim(id);
    };
    const button = claimButton(hers, waitingId(0));
    button?.click();
    button?.click();
    await settled();
    expect(claims).to.equal(1);
  });
});
