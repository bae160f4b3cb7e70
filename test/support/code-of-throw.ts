import { codeOf } from '../../src/errors.ts';

/** The code of what `act` throws or rejects with; `accepted` when it does neither. */
export async function codeOfThrow(act: () => unknown): Promise<string> {
  try {
    await act();
  } catch (error) {
    const code = codeOf(error);
    // Not one of ours: a bug, and the test shall show it as it is.
    if (code === 'internal') throw error;
    return code;
  }
  return 'accepted';
}
