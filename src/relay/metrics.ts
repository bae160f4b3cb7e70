/**
 * Counters for the operator, in Prometheus' text format: sums over all, never an identifier.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 * @module
 */

/** What is counted, with the help text and the kind Prometheus wants. */
const COUNTED = {
  connectionsOpened: 'Connections accepted.',
  connectionsClosed: 'Connections ended.',
  authAccepted: 'Successful authentications.',
  requestsAnswered: 'Requests answered with ok.',
  requestsRefused: 'Requests refused.',
  requestsFailed: 'Requests that met a fault of the relay.',
  mailAccepted: 'Mail made durable.',
  mailPushed: 'Mail pushed to subscribers, repetitions included.',
  mailAcknowledged: 'Mail acknowledged.',
  bytesReceived: 'Bytes of messages received.',
  bytesSent: 'Bytes of messages sent.',
} as const;
export type Counted = keyof typeof COUNTED;

export class Metrics {
  readonly #values = new Map<Counted, number>();

  add(name: Counted, count: number): void {
    this.#values.set(name, this.get(name) + count);
  }

  get(name: Counted): number {
    return this.#values.get(name) ?? 0;
  }

  /** The exposition, with the connections open now. */
  text(): string {
    const counters = (Object.keys(COUNTED) as Counted[]).flatMap((name) => {
      const full = `secure_chat_${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}_total`;
      return [`# HELP ${full} ${COUNTED[name]}`, `# TYPE ${full} counter`, `${full} ${this.get(name)}`];
    });
    const open = this.get('connectionsOpened') - this.get('connectionsClosed');
    const gauge = ['# HELP secure_chat_connections Connections open now.', '# TYPE secure_chat_connections gauge'];
    return [...counters, ...gauge, `secure_chat_connections ${open}`, ''].join('\n');
  }
}
