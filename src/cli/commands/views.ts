/**
 * Desks, directories and members as the commands show them: the JSON of `--json`, and lines for people.
 * @module
 */
import { toHex } from '../../bytes/text.ts';
import { deviceIdOf } from '../../identity/device.ts';
import { isFresh } from '../../identity/directory-order.ts';
import type { Member, OpenDirectory } from '../../identity/directory.ts';
import { fingerprintOf } from '../../identity/fingerprint.ts';
import type { DeskOffice } from '../desk-office.ts';
import { awayFrom } from '../duration.ts';
import { formatSignerKey } from '../signer-key.ts';

export interface MemberView {
  readonly name: string;
  readonly role: string;
  /** Device id in hexadecimal. */
  readonly device: string;
  readonly fingerprint: string;
}

export interface DirectoryView {
  readonly version: number;
  readonly renewal: number;
  readonly issuedAt: string;
  readonly freshUntil: string;
  readonly fresh: boolean;
  readonly renewUntil: string;
  readonly members: readonly MemberView[];
  readonly signers: readonly SignerView[];
}

export interface SignerView {
  /** `rn1_…` */
  readonly key: string;
  readonly until: string;
}

export function memberView({ name, role, key }: Member): MemberView {
  return { name, role, device: toHex(deviceIdOf(key)), fingerprint: fingerprintOf(key) };
}

export function signerView({ key, until }: { key: Uint8Array; until: number }): SignerView {
  return { key: formatSignerKey(key), until: isoOf(until) };
}

export function directoryView(open: OpenDirectory, now: number): DirectoryView {
  const { directory, position, issuedAt, freshUntil, members } = open;
  return {
    ...position,
    issuedAt: isoOf(issuedAt),
    freshUntil: isoOf(freshUntil),
    fresh: isFresh(open, now),
    renewUntil: isoOf(directory.renewUntil),
    members: members.map(memberView),
    signers: directory.renewers.map(signerView),
  };
}

export function deskView(desk: DeskOffice, now: number) {
  return {
    name: desk.name,
    deskKey: desk.deskKey,
    fingerprint: fingerprintOf(desk.key),
    rootKey: desk.rootKeyPlace,
    relay: desk.relay,
    retired: desk.retired,
    successor: desk.successor,
    directory: desk.signed === null ? null : directoryView(desk.signed, now),
    members: desk.members.map(memberView),
    signers: desk.signers.map(signerView),
    snippet: snippetOf(desk.deskKey, desk.relay),
  };
}

export function memberLine({ name, role, device, fingerprint }: MemberView): string {
  return `  ${name} (${role})  device ${device}  fingerprint ${fingerprint}`;
}

export function directoryLines(view: DirectoryView, now: number): string[] {
  const number = view.renewal === 0 ? `${view.version}` : `${view.version}, renewal ${view.renewal}`;
  const state = view.fresh ? 'fresh' : 'NOT FRESH: clients do not rely on it';
  return [
    `Directory ${number}: ${state}, until ${view.freshUntil} (${awayFrom(Date.parse(view.freshUntil), now)})`,
    ...view.signers.map(({ key, until }) => `  signer ${key} until ${until} (${awayFrom(Date.parse(until), now)})`),
    ...(view.members.length === 0 ? ['  no members'] : view.members.map(memberLine)),
  ];
}

/** What goes on a customer's page. */
export function snippetOf(deskKey: string, relay: string | null): string {
  return `<secure-chat relay="${relay ?? 'wss://…'}" desk-key="${deskKey}"></secure-chat>`;
}

export function isoOf(time: number): string {
  return new Date(time).toISOString();
}
