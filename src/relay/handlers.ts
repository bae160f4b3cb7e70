/**
 * What each request does: who may ask, which rate it counts against, which service answers. docs/relay.md §5.
 * @module
 */
import { toHex } from '../bytes/text.ts';
import { encodePush } from '../wire/frames.ts';
import type { ReplyBody, RequestBody, RequestType } from '../wire/requests.ts';
import { isServing } from './directories.ts';
import type { RateName } from './limits.ts';
import { refused } from './refusal.ts';
import type { Services } from './services.ts';
import { isCaller, type Caller, type Session } from './session.ts';

/** Serves a request of one type. @throws ChatError the refusals of `refusalOf`; anything else is a fault of the relay */
export type Handler<K extends RequestType> = (
  services: Services,
  session: Session,
  body: RequestBody<K>,
) => Promise<ReplyBody<K>>;

type Work<K extends RequestType, S> = (services: Services, session: S, body: RequestBody<K>) => Promise<ReplyBody<K>>;

/** Every request but `auth`, which belongs to the connection. */
export const HANDLERS: { readonly [K in Exclude<RequestType, 'auth'>]: Handler<K> } = {
  ping: anyone(async ({ clock }) => ({ now: clock.now() })),

  'prekeys-publish': device(async (services, caller, body) => {
    spend(services, caller, 'devicePublications');
    return services.prekeys.publish(caller.identity, body, isMember(services, caller));
  }),
  'prekeys-count': device(async ({ prekeys }, { identity }) => prekeys.count(identity)),
  'prekeys-fetch': device(async (services, caller, body) => {
    const own = await ownOf(services, caller, [body.device]);
    spend(services, caller, 'devicePrekeyFetches', 1, own.size === 0);
    return services.prekeys.fetch(caller.identity, body.device);
  }),

  send: device(async (services, caller, { items }) => {
    const own = await ownOf(
      services,
      caller,
      items.map(({ to }) => to),
    );
    const isOwn = (to: Uint8Array): boolean => own.has(toHex(to));
    const others = items.filter(({ to }) => !isOwn(to));
    spend(services, caller, 'deviceMail', items.length - others.length);
    spend(services, caller, 'deviceMail', others.length, true);
    // New devices cost nothing: what they may lay into mailboxes together is bounded by where they come from.
    const count = others.reduce((sum, { bytes }) => sum + bytes.length, 0);
    take(services, 'addressMailBytes', caller.address, { count });
    return { results: await services.mailboxes.send(caller, items, isOwn) };
  }),
  signal: device(async (services, caller, { to, bytes }) => {
    const sessions = services.hub.sessionsOf(toHex(to));
    const isForeign = sessions.some(({ identity }) => identity.deskName !== caller.identity.deskName);
    spend(services, caller, 'deviceSignals', 1, isForeign);
    const push = encodePush('signal', { from: caller.identity.device, bytes });
    for (const session of sessions) if (!session.isCongested) session.pushEncoded(push);
    return {};
  }),
  subscribe: device(async ({ mailboxes }, caller) => {
    mailboxes.subscribe(caller);
    return {};
  }),
  ack: device(async ({ mailboxes }, caller, { upTo }) => {
    await mailboxes.acknowledge(caller, upTo);
    return {};
  }),

  'directory-fetch': anyone(async ({ directories }, _session, { desk }) => {
    const held = directories.serves(desk) ? await directories.of(desk) : null;
    return { bundle: held?.bytes ?? null };
  }),
  'directory-watch': device(async (services, caller, { desk }) => {
    watch(services, caller, `directory/${toHex(desk)}`, desk);
    return { bundle: (await services.directories.of(desk))?.bytes ?? null };
  }),
  'directory-publish': device(async (services, caller, { bundle }) => {
    spend(services, caller, 'devicePublications');
    await services.directories.publish(bundle);
    return {};
  }),

  enrol: anyone(async ({ directories, enrolments }, session, { desk, request }) => {
    if (!directories.serves(desk)) throw refused('desk-unknown', 'this relay does not serve the desk');
    await enrolments.add(session, desk, request);
    return {};
  }),
  enrolments: root(async ({ enrolments }, { identity }) => enrolments.list(identity)),
  'enrolment-drop': root(async ({ enrolments }, { identity }, { ids }) => {
    await enrolments.drop(identity, ids);
    return {};
  }),

  duty: member(async (services, caller, { state }) => {
    spend(services, caller, 'deviceQueueMoves');
    services.duty.set(caller, state);
    return {};
  }),
  'duty-list': device(async ({ duty }, _caller, { desk }) => ({ devices: duty.list(toHex(desk)) })),
  'duty-watch': device(async (services, caller, { desk }) => {
    watch(services, caller, `duty/${toHex(desk)}`, desk);
    return { devices: services.duty.list(toHex(desk)) };
  }),

  announce: device(async (services, caller, { conversation, salt }) => {
    if ((await services.directories.standing(caller.identity)) !== null) {
      throw refused('forbidden', 'conversations are announced by customers');
    }
    spend(services, caller, 'deviceQueueMoves');
    take(services, 'deskAnnouncements', caller.identity.deskName);
    return services.queue.announce(caller, conversation, salt);
  }),
  'queue-watch': member(async ({ queue }, caller) => queue.watch(caller)),
  claim: member(async ({ queue }, caller, { conversation }) => {
    await queue.claim(caller, conversation);
    return {};
  }),
  assign: member(async ({ queue }, caller, { conversation, to }) => {
    await queue.assign(caller, conversation, to);
    return {};
  }),
  requeue: device(async (services, caller, { conversation }) => {
    spend(services, caller, 'deviceQueueMoves');
    await services.queue.requeue(caller, conversation);
    return {};
  }),
  finish: device(async (services, caller, { conversation }) => {
    spend(services, caller, 'deviceQueueMoves');
    await services.queue.finish(caller, conversation);
    return {};
  }),

  'blob-create': device(async (services, caller, { size }) => {
    spend(services, caller, 'deviceBlobs');
    return services.blobs.create(caller, size, isMember(services, caller));
  }),
  'blob-write': device(async ({ blobs }, { identity }, body) => blobs.write(identity, body)),
  'blob-status': device(async ({ blobs }, { identity }, { blob }) => blobs.status(identity, blob)),
  'blob-read': device(async ({ blobs }, _caller, body) => blobs.read(body)),

  'ticket-put': anyone(async ({ tickets }, session, body) => {
    await tickets.put(session, body);
    return {};
  }),
  'ticket-read': anyone(async ({ tickets }, _session, { id }) => ({ half: await tickets.read(id) })),
  'ticket-drop': anyone(async ({ tickets }, _session, { id }) => {
    await tickets.drop(id);
    return {};
  }),

  'vault-create': anyone(async (services, session, { signed }) => {
    take(services, 'addressNewVaults', session.address);
    take(services, 'addressEvaluations', session.address);
    return services.vaults.create(await services.vaults.opened('vault-create', signed, session));
  }),
  'vault-renew': anyone(async (services, session, { signed }) => {
    take(services, 'addressEvaluations', session.address);
    return services.vaults.renew(await services.vaults.opened('vault-renew', signed, session));
  }),
  'vault-evaluate': anyone(async (services, session, { signed }) => {
    take(services, 'addressEvaluations', session.address);
    return services.vaults.evaluate(await services.vaults.opened('vault-evaluate', signed, session));
  }),
  'vault-register': anyone(async ({ vaults }, session, { signed }) =>
    vaults.register(await vaults.opened('vault-register', signed, session)),
  ),
  'vault-prove': anyone(async ({ vaults }, session, { signed }) =>
    vaults.prove(await vaults.opened('vault-prove', signed, session)),
  ),
  'vault-retire': anyone(async ({ vaults }, session, { signed }) =>
    vaults.retire(await vaults.opened('vault-retire', signed, session)),
  ),
  'vault-destroy': anyone(async ({ vaults }, session, { signed }) =>
    vaults.destroy(await vaults.opened('vault-destroy', signed, session)),
  ),
};

/** Counts a request against the rate of the device or, before `auth`, of the address. @throws ChatError `rate-limited` */
export function countRequest(services: Services, session: Session): void {
  if (isCaller(session)) spend(services, session, 'deviceRequests');
  else take(services, 'addressRequests', session.address);
}

function anyone<K extends RequestType>(work: Work<K, Session>): Handler<K> {
  return async (services, session, body) => {
    countRequest(services, session);
    return work(services, session, body);
  };
}

function device<K extends RequestType>(work: Work<K, Caller>): Handler<K> {
  return async (services, session, body) => {
    countRequest(services, session);
    if (!isCaller(session)) throw refused('unauthenticated', 'asked before auth');
    return work(services, session, body);
  };
}

function member<K extends RequestType>(work: Work<K, Caller>): Handler<K> {
  return device(async (services, caller, body) => {
    const standing = await services.directories.standing(caller.identity);
    if (!isServing(standing)) throw refused('forbidden', 'for members that serve');
    return work(services, caller, body);
  });
}

function root<K extends RequestType>(work: Work<K, Caller>): Handler<K> {
  return device(async (services, caller, body) => {
    if ((await services.directories.standing(caller.identity)) !== 'root')
      throw refused('forbidden', 'for the root key');
    return work(services, caller, body);
  });
}

function watch(
  services: Services,
  caller: Caller,
  topic: `directory/${string}` | `duty/${string}`,
  desk: Uint8Array,
): void {
  if (!services.directories.serves(desk)) throw refused('desk-unknown', 'this relay does not serve the desk');
  const { watchesPerConnection } = services.limits;
  if (!services.hub.join(topic, caller, watchesPerConnection)) throw refused('quota', 'too many watches');
}

/**
 * Counts against a rate of devices. Members have a multiple of it, for what they do for their own desk.
 * @param isForeign whether it is for devices of another desk
 */
function spend(services: Services, caller: Caller, name: RateName, count = 1, isForeign = false): void {
  const factor = isMember(services, caller) ? services.limits.memberFactor : 1;
  take(services, name, caller.identity.deviceName, { count: isForeign ? count * factor : count, factor });
}

/**
 * What is known without waiting: this decides about rates and shares, not about rights. Where any desk is served, nobody
 * has a member's: whoever wants can make a desk and himself its member.
 */
function isMember({ directories }: Services, { identity }: Caller): boolean {
  return !directories.isOpen && (directories.standingHeld(identity) ?? null) !== null;
}

/** Those of the devices that a member's larger shares and rates are for: of its own desk. In hexadecimal. */
async function ownOf(services: Services, caller: Caller, devices: readonly Uint8Array[]): Promise<Set<string>> {
  if (!isMember(services, caller)) return new Set();
  const { desk, deviceName } = caller.identity;
  // In turn, so that what the member asks next does not overtake this.
  return services.ownDevices.run(deviceName, () => services.devices.ofDesk(desk, devices.map(toHex)));
}

function take(services: Services, name: RateName, owner: string, options?: { count?: number; factor?: number }): void {
  const retryAfter = services.rates.take(name, owner, options);
  if (retryAfter !== null) throw refused('rate-limited', 'too much', { retryAfter });
}
