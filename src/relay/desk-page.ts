/**
 * The agents' page at `/desk`: nothing but the element, under the strictest policy it runs with.
 * @module
 */
import type { ServerResponse } from 'node:http';

const STYLE = `html, body { margin: 0; height: 100%; }
secure-chat-desk { display: block; height: 100%; }
`;

/** Sends the page. @param origins the WebSocket origins that it may connect to; the first is the one it is told */
export function sendDeskPage(response: ServerResponse, origins: readonly string[]): void {
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.setHeader('Cache-Control', 'no-cache');
  response.setHeader('Content-Security-Policy', policy(origins));
  // Voice notes are recorded on this page and by nobody it might embed.
  response.setHeader('Permissions-Policy', 'camera=(), geolocation=(), microphone=(self), payment=(), usb=()');
  response.end(page(origins[0] ?? ''));
}

/** Sends the page's style sheet. */
export function sendDeskStyle(response: ServerResponse): void {
  response.setHeader('Content-Type', 'text/css; charset=utf-8');
  response.setHeader('Cache-Control', 'no-cache');
  response.end(STYLE);
}

function policy(origins: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    // A policy has no way to write an IPv6 address; 'self' covers the page's own origin.
    `connect-src ${["'self'", ...origins.filter((origin) => !origin.includes('['))].join(' ')}`,
    "img-src 'self' data: blob:",
    'media-src blob:',
    "worker-src 'self'",
    "require-trusted-types-for 'script'",
    'trusted-types lit-html secure-chat',
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function page(relay: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Secure chat desk</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/desk.css">
    <script type="module" src="/secure-chat-desk.js"></script>
  </head>
  <body>
    <secure-chat-desk relay="${escapeAttribute(relay)}"></secure-chat-desk>
  </body>
</html>
`;
}

function escapeAttribute(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
