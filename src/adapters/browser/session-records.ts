/**
 * The record store of a tab that is to leave nothing behind: the vault's slots lie in `sessionStorage`, the sealed rows in
 * a database of the tab's own. When the tab is closed, nobody can open them any more; the database itself is deleted when
 * this page is next open, an hour later. docs/decisions/0032-history-of-a-session.md
 * @module
 */
import { ChatError, usageError } from '../../errors.ts';
import type { RecordStore } from '../../engine/ports.ts';
import { openDexieRecords } from './dexie-records.ts';
import { claimSession, forgetSession, sweepSessions, type SessionClaim } from './session-claim.ts';

/**
 * Opens the tab's store, and makes it where there is none. A commit changes rows of the vault or of other tables, never both.
 * @param name as for `openDexieRecords`; the databases have names of their own that begin with it
 * @throws ChatError `store-lost` when the browser gives no database, or the tab keeps nothing
 */
export async function openSessionRecords(name: string): Promise<RecordStore> {
  let claim: SessionClaim;
  try {
    claim = await claimSession(name);
  } catch (error) {
    // Storage is forbidden here.
    if (!(error instanceof DOMException)) throw error;
    throw new ChatError('environment', 'store-lost', 'the browser stores nothing', { cause: error });
  }
  try {
    const store = storeOf(claim, await openDexieRecords(claim.database));
    // Nobody waits for it; what cannot be deleted now is next time.
    void sweepSessions(name).catch(() => undefined);
    return store;
  } catch (error) {
    claim.release();
    throw error;
  }
}

function storeOf({ database, vault, release }: SessionClaim, rows: RecordStore): RecordStore {
  const stops = new Set<() => void>();
  /** Where the table is the vault: the database, too, must still be there. */
  const checked = async <T>(work: () => T): Promise<T> => {
    await rows.count('self', { from: '', to: '' });
    return work();
  };

  return {
    get: (table, key) => (table === 'vault' ? checked(() => vault.get(database, key)) : rows.get(table, key)),

    list: (table, range) => (table === 'vault' ? checked(() => vault.list(database, range)) : rows.list(table, range)),

    count: (table, range) =>
      table === 'vault' ? checked(() => vault.list(database, range).length) : rows.count(table, range),

    async commit(changes) {
      const slots = changes.filter(({ table }) => table === 'vault');
      if (slots.length === 0) return rows.commit(changes);
      if (slots.length < changes.length) {
        throw usageError('commit-mixed', 'the vault and other tables cannot be changed at once here');
      }
      return checked(() => vault.commit(database, changes));
    },

    watch(tables, listener) {
      // Without the vault's name the list may be empty: the end of the database is told all the same.
      const stopRows = rows.watch(
        tables.filter((table) => table !== 'vault'),
        listener,
      );
      const stopVault = tables.includes('vault') ? vault.watch(listener) : () => undefined;
      const stop = (): void => {
        stopRows();
        stopVault();
        stops.delete(stop);
      };
      stops.add(stop);
      return stop;
    },

    async destroy() {
      await checked(() => undefined);
      // First what opens the rest.
      if (vault.database === database) vault.end();
      await rows.destroy();
      forgetSession(database);
      release();
    },

    close() {
      for (const stop of [...stops]) stop();
      rows.close();
      release();
    },
  };
}
