/**
 * What the doctor finds.
 * @module
 */

/** One thing that was looked at. */
export interface Finding {
  readonly check: string;
  readonly status: 'ok' | 'warning' | 'wrong';
  /** A sentence. */
  readonly message: string;
}

export function ok(check: string, message: string): Finding {
  return { check, status: 'ok', message };
}

export function warning(check: string, message: string): Finding {
  return { check, status: 'warning', message };
}

export function wrong(check: string, message: string): Finding {
  return { check, status: 'wrong', message };
}
