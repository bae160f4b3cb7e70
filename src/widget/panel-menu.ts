/**
 * What the panel's menu offers at the moment.
 * @module
 */
import type { ChatLock } from './chat-lock.ts';
import type { MenuItem } from './panel-header.ts';
import type { Question } from './panel-question.ts';
import type { Session } from './session.ts';

export interface MenuActions {
  readonly startNew: () => void;
  readonly ask: (question: Question) => void;
}

export function menuItems(session: Session, lock: ChatLock | null, { startNew, ask }: MenuActions): MenuItem[] {
  const { current, screen } = session;
  const { length: count } = session.conversations ?? [];
  const items: MenuItem[] = [];
  if (count > 1 || (count > 0 && current === null && screen.name === 'new')) {
    items.push({ icon: 'list', text: 'back', run: () => session.showList() });
  }
  if (current?.state === 'ended' || (count > 0 && screen.name === 'list')) {
    items.push({ icon: 'plus', text: 'newConversation', run: startNew });
  }
  if (current && current.state !== 'ended') {
    items.push({ icon: 'leave', text: 'endConversation', run: () => ask('end') });
  }
  if (lock && (count > 0 || lock.lockedBy)) items.push(...lockItems(session, lock, ask));
  if (count > 0) items.push({ icon: 'trash', text: 'forget', run: () => ask('forget') });
  return items;
}

function lockItems(session: Session, lock: ChatLock, ask: MenuActions['ask']): MenuItem[] {
  const { vault, kind } = lock;
  if (!vault || !lock.lockable) return [];
  const items: MenuItem[] = [];
  const lockNow = (): void => void lock.lock().catch((error: unknown) => session.report(error));
  if (lock.lockedBy) items.push({ icon: 'lock', text: 'lockNow', run: lockNow });
  if (vault.pin) items.push({ icon: 'key', text: 'changePin', run: () => lock.show('change') });
  else if (kind === 'pin') items.push({ icon: 'key', text: 'setPin', run: () => lock.show('set') });
  // A lock that is set can be had in both ways; one that the page does not want is not offered.
  if (!vault.passkey && vault.passkeyPossible && (kind !== 'off' || vault.pin)) {
    items.push({ icon: 'passkey', text: 'addPasskey', run: () => void lock.addPasskey() });
  }
  if (vault.passkey && vault.pin) {
    items.push({ icon: 'passkey', text: 'removePasskey', run: () => ask('removePasskey') });
  }
  return items;
}
