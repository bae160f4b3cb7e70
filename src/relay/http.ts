/**
 * What the relay answers to plain HTTP requests.
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendDeskPage, sendDeskStyle } from './desk-page.ts';
import { sendText, setSecurityHeaders } from './security-headers.ts';
import { StaticFiles } from './static-files.ts';

/** The version of the exposition. */
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Answers what the relay has no answer for; the security headers are set and can be changed. */
export type Site = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

export interface HttpOptions {
  /** The WebSocket origins of this relay. */
  readonly origins: () => readonly string[];
  /** The directory of the built browser files; undefined: none are served, and no desk. */
  readonly assets: string | undefined;
  readonly site: Site | undefined;
  /** Whether browsers shall come by TLS alone, also the next time. */
  readonly secure: boolean;
  /** Undefined: not served. */
  readonly metrics: (() => Promise<string>) | undefined;
  /** Whether new clients should be sent here. */
  readonly isReady: () => Promise<boolean>;
  readonly onFault: (error: unknown) => void;
}

/** The listener for a server's `request` event. */
export function httpListener(options: HttpOptions): (request: IncomingMessage, response: ServerResponse) => void {
  const files = options.assets === undefined ? null : new StaticFiles(options.assets);
  return (request, response) => {
    answer(request, response, options, files).catch((error: unknown) => {
      options.onFault(error);
      if (!response.headersSent) sendText(response, 500, 'internal error\n');
      else response.destroy();
    });
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: HttpOptions,
  files: StaticFiles | null,
): Promise<void> {
  const origins = options.origins();
  setSecurityHeaders(response, options.secure);
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (isRead && path === '/healthz') {
    sendText(response, 200, 'ok\n');
  } else if (isRead && path === '/readyz') {
    const ready = await options.isReady();
    sendText(response, ready ? 200 : 503, ready ? 'ready\n' : 'not ready\n');
  } else if (isRead && path === '/metrics' && options.metrics !== undefined) {
    sendText(response, 200, await options.metrics(), METRICS_TYPE);
  } else if (isRead && files !== null && path === '/desk') {
    sendDeskPage(response, ownFirst(origins, request.headers.host));
  } else if (isRead && files !== null && path === '/desk.css') {
    sendDeskStyle(response);
  } else if (files === null || !(await files.serve(request, response, path))) {
    if (options.site !== undefined) await options.site(request, response);
    else sendText(response, 404, 'not found\n');
  }
}

/** The configured origins, the one that the page was asked for under first. An unknown host changes nothing. */
function ownFirst(origins: readonly string[], host: string | undefined): string[] {
  const own = origins.filter((origin) => origin.endsWith(`//${host ?? ''}`));
  return [...own, ...origins.filter((origin) => !own.includes(origin))];
}
