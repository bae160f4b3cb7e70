/**
 * A walk through most of the desk.
 * @module
 */
import { focused, mount, open, press, settled, type } from './desk-fixture.ts';
import { enter, PIN } from './lock-fixture.ts';
import { busyScene, mineId, waitingId } from './scene.ts';

/** Returns where it ended. */
export async function walk(): Promise<string> {
  const { sara, desk } = await busyScene();
  const mounted = await mount(sara, { relay: origin });
  await open(mounted, mineId(0));
  await type(mounted.find<HTMLTextAreaElement>('textarea'), 'a line\nand another');
  mounted.find('.lock').click();
  await settled();
  await press('Escape');
  mounted.find('.actions .danger').click();
  await settled();
  mounted.find('dialog[open] .button.primary').click();
  await settled();
  if (!desk.of(mineId(0)).ended) throw new Error('the question’s form was not answered');
  await open(mounted, waitingId(1));
  await press('k', { ctrlKey: true });
  mounted.find<HTMLDialogElement>('dialog[open]').close();
  // A frame that is not itself in focus does not give the focus back.
  (focused() as HTMLElement).blur();
  await press('?');
  mounted.find<HTMLDialogElement>('dialog[open]').close();
  mounted.find('button[aria-label="PIN and passkey"]').click();
  await settled();
  mounted.find('[data-do="lockPinChange"]').click();
  await settled();
  mounted.find('button[aria-label="Close"]').click();
  sara.lock.lockNow();
  await settled();
  for (const pin of ['111222', PIN]) {
    mounted.find('sc-pin-pad').focus();
    await enter(pin);
  }
  const { client } = mounted;
  client.setStatus({ connection: 'offline', verification: { state: 'alarm' } });
  await press('c');
  desk.remove(client.device);
  await settled();
  return mounted.text('h1');
}
