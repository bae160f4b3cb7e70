import { resolve } from 'node:path';

/**
 * What stands in an error's message is for people who develop; everything else branches on its code, and so does what users
 * read. In browsers these sentences are not loaded: an error's message is its code there (src/errors.ts), and those of the
 * cryptography are empty. docs/decisions/0041-what-a-chat-loads.md
 */

/** Where our functions that make an error take its message; besides, those of a module's own whose parameter is called so. */
const ours = new Map([
  ['ChatError', 2],
  ['peerError', 1],
  ['usageError', 1],
  ['vaultDamaged', 0],
  ['disconnected', 0],
  ['protocolError', 0],
]);
const nobles = new Map(['Error', 'RangeError', 'TypeError'].map((name) => [name, 0]));

/** Rollup plugin, to be placed behind the compiler. */
export function shortErrors() {
  return {
    name: 'short-errors',
    transform(code, id) {
      const isNoble = /[\\/]node_modules[\\/]@noble[\\/]/.test(id);
      if (!isNoble && !id.startsWith(resolve('src'))) return null;
      const program = this.parse(code);
      const places = isNoble ? nobles : new Map([...ours, ...messagesOf(program)]);
      let short = code;
      const drop = ({ start, end }) => {
        // What is left keeps its place, so that the source map stays true.
        short = `${short.slice(0, start)}''${short.slice(start + 2, end).replace(/[^\n]/g, ' ')}${short.slice(end)}`;
      };
      eachNode(program, (node) => {
        if (node.type !== 'NewExpression' && node.type !== 'CallExpression') return;
        const at = node.callee.type === 'Identifier' ? places.get(node.callee.name) : undefined;
        const message = at === undefined ? undefined : node.arguments[at];
        if (message) textsOf(message).forEach(drop);
      });
      return short === code ? null : { code: short, map: null };
    },
  };
}

/** Functions of this module that take a `message`, and where. */
function messagesOf(program) {
  return program.body
    .filter(({ type }) => type === 'FunctionDeclaration')
    .map(({ id, params }) => [id.name, params.findIndex(({ name }) => name === 'message')])
    .filter(([, at]) => at >= 0);
}

/** The literal texts of an expression; what is computed besides stays. */
function textsOf(node) {
  if (node.type === 'Literal' && typeof node.value === 'string') return [node];
  if (node.type === 'BinaryExpression' && node.operator === '+') return [...textsOf(node.left), ...textsOf(node.right)];
  if (node.type === 'ConditionalExpression') return [...textsOf(node.consequent), ...textsOf(node.alternate)];
  return [];
}

function eachNode(node, visit) {
  visit(node);
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (child !== null && typeof child === 'object' && typeof child.type === 'string') eachNode(child, visit);
    }
  }
}
