/** Why one try of a download ended. */
export type DownloadFault =
  | { readonly kind: 'status'; readonly status: number; readonly retryAfterMs: number | null }
  | { readonly kind: 'refused'; readonly address: string; readonly reason: string }
  | { readonly kind: 'too large'; readonly limit: number }
  | { readonly kind: 'stalled'; readonly limit: 'idle' | 'total'; readonly milliseconds: number }
  /** Not for a while only: a mirror folder lacks it, redirects go round. */
  | { readonly kind: 'unavailable'; readonly reason: string }
  /** The connection, or what came over it. */
  | { readonly kind: 'broken'; readonly reason: string };

export class DownloadError extends Error {
  constructor(
    readonly fault: DownloadFault,
    cause?: unknown,
  ) {
    super(faultText(fault), cause === undefined ? undefined : { cause });
  }

  /** Broken connections and troubled servers may do better next time; a missing file will not. */
  get passing(): boolean {
    const { fault } = this;
    if (fault.kind === 'status') return fault.status >= 500 || [408, 425, 429].includes(fault.status);
    return fault.kind === 'stalled' || fault.kind === 'broken';
  }
}

function faultText(fault: DownloadFault): string {
  switch (fault.kind) {
    case 'status':
      return `the server answered ${fault.status}`;
    case 'refused':
      return `${fault.address} is refused: ${fault.reason}`;
    case 'too large':
      return `it is larger than ${fault.limit} bytes`;
    case 'stalled':
      return fault.limit === 'idle'
        ? `it stalled: nearly nothing came for ${fault.milliseconds / 1000} s`
        : `it took longer than ${fault.milliseconds / 1000} s`;
    case 'unavailable':
    case 'broken':
      return fault.reason;
  }
}

/** How long a server asks to be left alone: RFC 9110, 10.2.3, in seconds or as a date. Null where it does not say. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | null {
  if (header === undefined) return null;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - nowMs);
}
