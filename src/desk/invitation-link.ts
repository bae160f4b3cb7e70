/**
 * The invitation in the link's fragment: a secret that must not stay in the address bar.
 * @module
 */
import { parseInvitation, type Invitation } from '../identity/enrolment.ts';
import { usageError } from '../errors.ts';

/** The parts of `window` that hold the link. */
export interface LinkPlace {
  readonly location: { readonly hash: string; readonly pathname: string; readonly search: string };
  readonly history: { readonly state: unknown; replaceState(state: unknown, unused: string, url: string): void };
}

/**
 * Takes the invitation out of the page's address: the fragment is gone before it is even looked at.
 * @param now - ms
 * @returns null when there is no fragment
 * @throws ChatError `invitation-malformed`, `invitation-expired`
 */
export function takeInvitation(place: LinkPlace, now: number): Invitation | null {
  const text = place.location.hash.slice(1);
  if (text === '') return null;
  place.history.replaceState(place.history.state, '', place.location.pathname + place.location.search);
  const invitation = parsed(text);
  if (invitation.expires <= now) throw usageError('invitation-expired', 'the invitation has expired');
  return invitation;
}

function parsed(text: string): Invitation {
  try {
    return parseInvitation(text);
  } catch (cause) {
    throw usageError('invitation-malformed', 'the link holds no whole invitation', { cause });
  }
}
