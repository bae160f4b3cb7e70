/**
 * Ids of conversations, which the relay checks as well. docs/protocol.md §7.
 * @module
 */
export { conversationIdOf } from '../identity/conversation-id.ts';
