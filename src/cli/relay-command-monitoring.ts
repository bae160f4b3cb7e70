/**
 * The port for those who watch over the relay, apart from that of its clients: metrics and health.
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Relay } from '../relay/main.ts';

export interface Monitored {
  readonly relay: Relay;
  /** When its certificate expires, ms; null without TLS. */
  readonly certificateUntil: number | null;
}

export async function answerMonitoring(
  request: IncomingMessage,
  response: ServerResponse,
  { relay, certificateUntil }: Monitored,
): Promise<void> {
  const send = (status: number, text: string): void => {
    response.writeHead(status, {
      'Content-Type': 'text/plain; version=0.0.4; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
    });
    response.end(request.method === 'HEAD' ? undefined : text);
  };
  if (request.method !== 'GET' && request.method !== 'HEAD') send(405, 'method not allowed\n');
  else if (request.url === '/healthz') send(200, 'ok\n');
  else if (request.url === '/readyz') {
    const ready = await relay.isReady();
    send(ready ? 200 : 503, ready ? 'ready\n' : 'not ready\n');
  } else if (request.url === '/metrics') {
    send(200, (await relay.metrics()) + (certificateUntil === null ? '' : certificateMetric(certificateUntil)));
  } else send(404, 'not found\n');
}

function certificateMetric(until: number): string {
  const name = 'secure_chat_certificate_expires_timestamp_seconds';
  const value = Math.round(until / 1_000);
  return `# HELP ${name} When the certificate in use expires.\n# TYPE ${name} gauge\n${name} ${value}\n`;
}
