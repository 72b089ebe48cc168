/** Why nothing, or nothing readable, came back. */
export type ConnectionFailure =
  | { readonly kind: 'refused' | 'no-route' | 'reset' | 'not-http' | 'headers-too-large' }
  /** `stage` is what was waited for. */
  | { readonly kind: 'timed-out'; readonly stage: Stage; readonly seconds: number }
  /** The two could not agree on TLS, or what answered does not speak it; `code` is OpenSSL's word. */
  | { readonly kind: 'tls'; readonly code: string }
  /** The certificate was not accepted; `code` as Node has it. */
  | { readonly kind: 'certificate'; readonly code: string }
  | { readonly kind: 'other'; readonly code: string };

export type Stage = 'connection' | 'handshake' | 'answer';

const kinds: Readonly<Record<string, 'refused' | 'no-route' | 'reset' | 'headers-too-large'>> = {
  ECONNREFUSED: 'refused',
  ENETUNREACH: 'no-route',
  EHOSTUNREACH: 'no-route',
  EADDRNOTAVAIL: 'no-route',
  EAFNOSUPPORT: 'no-route',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  HPE_HEADER_OVERFLOW: 'headers-too-large',
};

const certificateCodes =
  /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_(CA|PURPOSE)|PATH_LENGTH_|HOSTNAME_MISMATCH|ERR_TLS_CERT_)/;

/** Reads an error of Node's net, tls or http. Anything else is a bug of ours, and is thrown on. */
export function readFailure(error: unknown): ConnectionFailure {
  if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) throw error;
  const { code } = error;
  const kind = kinds[code];
  if (kind) return { kind };
  if (code.startsWith('HPE_')) return { kind: 'not-http' };
  if (certificateCodes.test(code)) return { kind: 'certificate', code };
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) return { kind: 'tls', code };
  if (code === 'ETIMEDOUT') return { kind: 'timed-out', stage: 'connection', seconds: 0 };
  return { kind: 'other', code };
}

/** The failure as a clause. */
export function describeFailure(failure: ConnectionFailure): string {
  switch (failure.kind) {
    case 'refused':
      return 'the connection is refused: nothing listens there, or a firewall rejects it';
    case 'no-route':
      return 'this machine has no network route there';
    case 'reset':
      return 'the connection was closed before an answer came';
    case 'not-http':
      return 'what answers does not speak HTTP';
    case 'headers-too-large':
      return 'the answer has more than 16 KiB of headers';
    case 'timed-out':
      return describeTimeout(failure.stage, failure.seconds);
    case 'tls':
      return describeTlsFailure(failure.code);
    case 'certificate':
      return `the certificate is not accepted (${failure.code})`;
    case 'other':
      return `the connection failed (${failure.code})`;
  }
}

function describeTlsFailure(code: string): string {
  switch (wantsClientCertificate(code)) {
    case 'yes':
      return `the server ${mutualTls}`;
    case 'perhaps':
      return `the server breaks the TLS handshake off (${code}): it has no cipher in common, or it ${mutualTls}`;
    case 'no':
      return `no TLS connection came about (${code})`;
  }
}

/** What a server does that lets Slack alone in. */
export const mutualTls = 'wants a client certificate (mutual TLS), which Slack has and the doctor has not';

/**
 * Whether a failed handshake comes from mutual TLS. TLS 1.3 has an alert of its own for it (116); before that, servers
 * send `handshake_failure` (40), as for other reasons too, or `bad_certificate` (42).
 */
export function wantsClientCertificate(code: string): 'yes' | 'perhaps' | 'no' {
  if (code.includes('CERTIFICATE_REQUIRED')) return 'yes';
  return /ALERT_(HANDSHAKE_FAILURE|BAD_CERTIFICATE)$/.test(code) ? 'perhaps' : 'no';
}

function describeTimeout(stage: Stage, seconds: number): string {
  const limit = seconds > 0 ? ` within ${seconds} s` : '';
  switch (stage) {
    case 'connection':
      return `timed out: no connection came about${limit}`;
    case 'handshake':
      return `timed out: the connection is accepted, but no TLS handshake followed${limit}`;
    case 'answer':
      return `timed out: connected, but no answer came${limit}`;
  }
}
