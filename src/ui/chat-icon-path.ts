/**
 * The chat's sign, apart from the other icons because the launcher needs no other.
 * @module
 */
export const chatIconPath =
  'M6.2 4h11.6A2.7 2.7 0 0 1 20.5 6.7v7.6a2.7 2.7 0 0 1-2.7 2.7h-5.6l-4.6 3.6V17H6.2a2.7 2.7 0 0 1-2.7-2.7V6.7A2.7 2.7 0 0 1 6.2 4ZM8 8.9h8M8 12.3h5';
