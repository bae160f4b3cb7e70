import { expect } from 'chai';
import { DraftKeeper } from '../../src/widget/draft-keeper.ts';

const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function keeper(stored: string | null = '') {
  const saved: string[] = [];
  const errors: unknown[] = [];
  let changes = 0;
  const draft = new DraftKeeper(
    () => changes++,
    (error) => errors.push(error),
  );
  const save = async (text: string): Promise<void> => {
    if (text === 'bad') throw new Error('full');
    saved.push(text);
  };
  draft.turnTo(save, stored);
  return { draft, saved, errors, save, changes: () => changes };
}

describe('the draft', () => {
  it('is shown at once and stored soon, the last text only', async () => {
    const { draft, saved } = keeper();
    draft.write('H');
    draft.write('He');
    expect(draft.text).to.equal('He');
    expect(saved).to.deep.equal([]);
    await after(400);
    expect(saved).to.deep.equal(['He']);
  });

  it('takes the store’s first answer', () => {
    const { draft } = keeper(null);
    draft.offer('from yesterday');
    expect(draft.text).to.equal('from yesterday');
  });

  it('is not overwritten by an echo while somebody types', async () => {
    const { draft, saved } = keeper();
    draft.write('a');
    void draft.flush();
    draft.write('ab');
    draft.offer('a'); // the store's answer to the first
    expect(draft.text).to.equal('ab');
    void draft.flush();
    draft.offer('ab');
    await after(1600);
    expect(draft.text).to.equal('ab');
    expect(saved).to.deep.equal(['a', 'ab']);
  });

  it('follows another tab once it is quiet here', async () => {
    const { draft } = keeper();
    draft.write('mine');
    void draft.flush();
    draft.offer('mine');
    draft.offer(''); // sent in the other tab
    expect(draft.text).to.equal('mine');
    await after(1600);
    expect(draft.text).to.equal('');
    draft.offer('theirs');
    expect(draft.text).to.equal('theirs');
  });

  it('is stored in the old place before it turns to another', async () => {
    const { draft, saved, save } = keeper();
    draft.write('first');
    draft.turnTo(save, 'second');
    expect(saved).to.deep.equal(['first']);
    expect(draft.text).to.equal('second');
    await after(400);
    expect(saved).to.deep.equal(['first']);
  });

  it('reports what could not be stored, and keeps the text', async () => {
    const { draft, errors } = keeper();
    draft.write('bad');
    void draft.flush();
    await after(0);
    expect(errors).to.have.length(1);
    expect(draft.text).to.equal('bad');
  });
});
