/**
 * Numbers for the operator, in Prometheus' text format: sums over all, never an identifier. docs/relay.md §8.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 * @module
 */

/** What is counted: the help text, and the one label that some have, whose values are names of the wire. */
const COUNTED: Readonly<Record<Counted, { readonly help: string; readonly label?: string }>> = {
  connectionsOpened: { help: 'Connections accepted.' },
  connectionsClosed: { help: 'Connections ended, by the name of the close code.', label: 'why' },
  authAccepted: { help: 'Successful authentications.' },
  requestsAnswered: { help: 'Requests answered with ok.' },
  requestsRefused: { help: 'Requests refused, by code.', label: 'code' },
  requestsFailed: { help: 'Requests that met a fault of the relay.' },
  mailAccepted: { help: 'Mail made durable.' },
  mailRefused: { help: 'Mail not taken, by result.', label: 'result' },
  mailPushed: { help: 'Mail pushed to subscribers, repetitions included.' },
  mailAcknowledged: { help: 'Mail acknowledged.' },
  bytesReceived: { help: 'Bytes of messages received.' },
  bytesSent: { help: 'Bytes of messages sent.' },
  faults: { help: 'Faults logged.' },
};
export type Counted =
  | 'connectionsOpened'
  | 'connectionsClosed'
  | 'authAccepted'
  | 'requestsAnswered'
  | 'requestsRefused'
  | 'requestsFailed'
  | 'mailAccepted'
  | 'mailRefused'
  | 'mailPushed'
  | 'mailAcknowledged'
  | 'bytesReceived'
  | 'bytesSent'
  | 'faults';

/** A number that is what it is now, or a counter that somebody else keeps. */
export interface Measured {
  readonly name: string;
  readonly help: string;
  readonly kind?: 'gauge' | 'counter';
  readonly value: number;
}

export class Metrics {
  /** By name and label. */
  readonly #values = new Map<Counted, Map<string, number>>();

  add(name: Counted, count: number, label = ''): void {
    const values = this.#values.get(name) ?? new Map<string, number>();
    values.set(label, (values.get(label) ?? 0) + count);
    this.#values.set(name, values);
  }

  /** The sum over all labels. */
  get(name: Counted): number {
    let sum = 0;
    for (const value of this.#values.get(name)?.values() ?? []) sum += value;
    return sum;
  }

  /** The exposition, with what is measured now. */
  text(measured: readonly Measured[]): string {
    const counters = (Object.keys(COUNTED) as Counted[]).flatMap((name) => {
      const { help, label } = COUNTED[name];
      const full = `secure_chat_${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}_total`;
      const values = this.#values.get(name) ?? new Map<string, number>();
      const samples =
        label === undefined
          ? [`${full} ${this.get(name)}`]
          : [...values].map(([value, count]) => `${full}{${label}="${value}"} ${count}`);
      return [`# HELP ${full} ${help}`, `# TYPE ${full} counter`, ...samples];
    });
    const others = measured.flatMap(({ name, help, kind = 'gauge', value }) => [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} ${kind}`,
      `${name} ${value}`,
    ]);
    return [...counters, ...others, ''].join('\n');
  }
}
