/**
 * @module
 */

/** Error codes that mean that what was stored here is gone or can never be opened again. */
export const STORAGE_LOST: ReadonlySet<string> = new Set(['store-lost', 'vault-lost', 'vault-damaged']);
