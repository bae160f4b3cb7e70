import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'chai';
import { SecureChatElement } from '../../src/widget/secure-chat.ts';

const root = join(import.meta.dirname, '../..');

describe('on a server', () => {
  it('the entry can be imported and registers nothing', () => {
    expect(globalThis).not.to.have.property('window');
    expect(SecureChatElement.observedAttributes).to.include('desk-key');
  });

  it('so can everything that is loaded later', () => {
    const script = `
      await import('./src/widget/loaded.ts');
      const { ScTranscript } = await import('./src/ui/transcript.ts');
      console.log(typeof ScTranscript, typeof window, typeof document);`;
    // Lit's decorators need the project's settings, which a test runner in Node does not read by itself.
    const printed = execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      cwd: root,
      env: { ...process.env, TSX_TSCONFIG_PATH: join(root, 'tsconfig.base.json') },
      encoding: 'utf8',
    });
    expect(printed.trim()).to.equal('function undefined undefined');
  });
});
