import { expect } from 'chai';
import { loadPreferences, savePreferences, type Preferences } from '../../src/desk/preferences.ts';

const defaults: Preferences = { theme: 'light', singleKeys: true };

function storage(kept: string | null = null) {
  const values: (string | null)[] = [kept];
  return {
    getItem: () => values.at(-1) ?? null,
    setItem: (_key: string, value: string) => void values.push(value),
  };
}

describe('an agent’s preferences', () => {
  it('are as the page has it until the agent chose', () => {
    expect(loadPreferences(storage(), defaults)).to.deep.equal(defaults);
    expect(loadPreferences(storage('{"rubbish"'), defaults)).to.deep.equal(defaults);
  });

  it('come back as they were kept', () => {
    for (const theme of ['auto', 'light', 'dark'] as const) {
      for (const singleKeys of [true, false]) {
        const place = storage();
        savePreferences(place, { theme, singleKeys });
        expect(loadPreferences(place, defaults)).to.deep.equal({ theme, singleKeys });
      }
    }
  });
});
