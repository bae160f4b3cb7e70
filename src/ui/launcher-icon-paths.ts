/**
 * The launcher's icons, apart from the others because it needs no more.
 * @module
 */

/** The chat's sign. */
export const chatIconPath =
  'M6.2 4h11.6A2.7 2.7 0 0 1 20.5 6.7v7.6a2.7 2.7 0 0 1-2.7 2.7h-5.6l-4.6 3.6V17H6.2a2.7 2.7 0 0 1-2.7-2.7V6.7A2.7 2.7 0 0 1 6.2 4ZM8 8.9h8M8 12.3h5';

/** The lock of a locked chat. */
export const lockIconPath =
  'M8 10.4V7.9a4 4 0 0 1 8 0v2.5M7 10.4h10a1.7 1.7 0 0 1 1.7 1.7v6.2A1.7 1.7 0 0 1 17 20H7a1.7 1.7 0 0 1-1.7-1.7v-6.2A1.7 1.7 0 0 1 7 10.4ZM12 14.3v1.8';
