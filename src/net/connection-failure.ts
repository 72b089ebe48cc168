/** Why there was no complete response. */
export type ConnectionFailure =
  | { readonly kind: 'refused' | 'no-route' | 'name-not-found' | 'reset' | 'headers-too-large' }
  /** `reason` is what is wrong in it; without one it is another protocol. */
  | { readonly kind: 'not-http'; readonly reason?: string }
  /** No DNS server gave a usable reply; `code` as Node names it. */
  | { readonly kind: 'lookup-failed'; readonly code: string }
  /** `stage` is what did not complete in time; `seconds` is the limit, if the caller knows it. */
  | { readonly kind: 'timed-out'; readonly stage: Stage; readonly seconds: number | undefined }
  | { readonly kind: 'not-tls' }
  /** The server has no shared cipher, or requires a client certificate: one TLS alert stands for both. */
  | { readonly kind: 'handshake-rejected'; readonly code: string }
  | { readonly kind: 'mutual-tls' }
  /** Any other failure of the TLS handshake; `code` is OpenSSL's reason. */
  | { readonly kind: 'tls'; readonly code: string }
  | { readonly kind: 'certificate'; readonly problem: CertificateProblem; readonly code: string }
  /** `status` is the proxy's response to CONNECT. */
  | { readonly kind: 'proxy-refused'; readonly status: number | undefined }
  | { readonly kind: 'other'; readonly code: string };

export type Stage = 'connection' | 'handshake' | 'response';

export type CertificateProblem = 'expired' | 'not-yet-valid' | 'wrong-name' | 'untrusted';

const byCode: Readonly<Record<string, ConnectionFailure>> = {
  ECONNREFUSED: { kind: 'refused' },
  ENETUNREACH: { kind: 'no-route' },
  EHOSTUNREACH: { kind: 'no-route' },
  EADDRNOTAVAIL: { kind: 'no-route' },
  EAFNOSUPPORT: { kind: 'no-route' },
  ENOTFOUND: { kind: 'name-not-found' },
  EAI_AGAIN: { kind: 'lookup-failed', code: 'EAI_AGAIN' },
  EAI_FAIL: { kind: 'lookup-failed', code: 'EAI_FAIL' },
  ECONNRESET: { kind: 'reset' },
  EPIPE: { kind: 'reset' },
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: { kind: 'reset' },
  HPE_HEADER_OVERFLOW: { kind: 'headers-too-large' },
  UND_ERR_HEADERS_OVERFLOW: { kind: 'headers-too-large' },
  ETIMEDOUT: { kind: 'timed-out', stage: 'connection', seconds: undefined },
  UND_ERR_CONNECT_TIMEOUT: { kind: 'timed-out', stage: 'connection', seconds: undefined },
  UND_ERR_HEADERS_TIMEOUT: { kind: 'timed-out', stage: 'response', seconds: undefined },
  UND_ERR_BODY_TIMEOUT: { kind: 'timed-out', stage: 'response', seconds: undefined },
};

const certificateProblems: Readonly<Record<string, CertificateProblem>> = {
  CERT_HAS_EXPIRED: 'expired',
  CERT_NOT_YET_VALID: 'not-yet-valid',
  ERR_TLS_CERT_ALTNAME_INVALID: 'wrong-name',
  HOSTNAME_MISMATCH: 'wrong-name',
};

const certificateCodes =
  /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_(CA|PURPOSE)|PATH_LENGTH_|HOSTNAME_MISMATCH|ERR_TLS_CERT_)/;

/**
 * Classifies an error of Node's net, tls, http or dns, or of undici, also as the cause of another error.
 *
 * @returns undefined if it is not an error of a connection
 */
export function classifyFailure(error: unknown): ConnectionFailure | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error.name === 'HTTPParserError') return classifyParserError(error.message);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  if (code === undefined) return classifyFailure(error.cause);
  // Errors such as ETIMEDOUT and EHOSTUNREACH also end connections that have carried data.
  if ('syscall' in error && (error.syscall === 'read' || error.syscall === 'write') && code !== 'EPROTO') {
    return { kind: 'reset' };
  }
  // undici has no code of its own for a proxy that does not open the tunnel.
  if (code === 'UND_ERR_ABORTED') {
    const status = /^Proxy response \((\d+)\)/.exec(error.message)?.[1];
    return { kind: 'proxy-refused', status: status === undefined ? undefined : Number(status) };
  }
  if (code === 'UND_ERR_SOCKET') return unsolicited[error.message] ?? { kind: 'reset' };
  return byCode[code] ?? classifyTls(code, error.message) ?? { kind: 'other', code };
}

/** undici's messages for responses that no request asked for. */
const unsolicited: Readonly<Record<string, ConnectionFailure>> = {
  'bad response': { kind: 'not-http', reason: '100 Continue, which was not requested' },
  'bad upgrade': { kind: 'not-http', reason: 'a change of protocol that was not requested' },
};

/** @param message of llhttp, the parser of Node and of undici, which add a text before its reason */
function classifyParserError(message: string): ConnectionFailure {
  const reason = /\((.+)\)$|^Parse Error: (.+)/.exec(message)?.slice(1).join('') ?? '';
  if (reason === 'Invalid EOF state') return { kind: 'reset' };
  if (reason === '' || reason.startsWith('Expected HTTP/')) return { kind: 'not-http' };
  return { kind: 'not-http', reason: reason.charAt(0).toLowerCase() + reason.slice(1) };
}

function classifyTls(code: string, message: string): ConnectionFailure | undefined {
  if (certificateCodes.test(code)) {
    return { kind: 'certificate', problem: certificateProblems[code] ?? 'untrusted', code };
  }
  if (code.startsWith('HPE_')) return classifyParserError(message);
  if (code !== 'EPROTO' && !code.startsWith('ERR_SSL_')) return undefined;
  // EPROTO has OpenSSL's reason in its message only: "…:SSL routines:function:wrong version number:…".
  const reason = /:SSL routines:[^:]*:([^:]+)/.exec(message)?.[1];
  const opensslCode =
    code === 'EPROTO' && reason !== undefined
      ? `ERR_SSL_${reason.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_')}`
      : code;
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|UNKNOWN_PROTOCOL/.test(opensslCode)) {
    return { kind: 'not-tls' };
  }
  // TLS 1.3 has an alert of its own for a missing client certificate (116). Before that, servers send
  // handshake_failure (40), which has other causes too, or bad_certificate (42).
  if (opensslCode.includes('CERTIFICATE_REQUIRED')) return { kind: 'mutual-tls' };
  if (/ALERT_(HANDSHAKE_FAILURE|BAD_CERTIFICATE)$/.test(opensslCode)) {
    return { kind: 'handshake-rejected', code: opensslCode };
  }
  return { kind: 'tls', code: opensslCode };
}

/** Whether it was the TLS handshake that failed, for another reason than the certificate. */
export function isHandshakeFailure({ kind }: ConnectionFailure): boolean {
  return kind === 'tls' || kind === 'not-tls' || kind === 'handshake-rejected' || kind === 'mutual-tls';
}

/** Whether no connection was established, so that the server has seen nothing of the request. */
export function neverConnected(failure: ConnectionFailure): boolean {
  switch (failure.kind) {
    case 'refused':
    case 'no-route':
    case 'name-not-found':
    case 'lookup-failed':
    case 'proxy-refused':
    case 'certificate':
    case 'not-tls':
    case 'handshake-rejected':
    case 'mutual-tls':
    case 'tls':
      return true;
    case 'timed-out':
      return failure.stage !== 'response';
    case 'reset':
    case 'not-http':
    case 'headers-too-large':
    case 'other':
      return false;
  }
}

/** The cause as a clause, such as `connection refused`. */
export function describeFailure(failure: ConnectionFailure): string {
  switch (failure.kind) {
    case 'refused':
      return 'connection refused';
    case 'no-route':
      return 'this machine has no network route to it';
    case 'name-not-found':
      return 'the name does not resolve';
    case 'lookup-failed':
      return `DNS lookup failed (${failure.code})`;
    case 'reset':
      return 'the connection was closed before a complete response';
    case 'not-http':
      return failure.reason === undefined
        ? 'the response is not HTTP'
        : `the response is not valid HTTP: ${failure.reason}`;
    case 'headers-too-large':
      return 'the response headers are too large';
    case 'timed-out':
      return describeTimeout(failure.stage, failure.seconds);
    case 'not-tls':
      return 'the server does not speak TLS on this port';
    case 'handshake-rejected':
      return `the server rejected the TLS handshake (${failure.code}): no shared cipher, or it requires a client certificate (mutual TLS)`;
    case 'mutual-tls':
      return 'the server requires a client certificate (mutual TLS)';
    case 'tls':
      return `TLS handshake failed (${failure.code})`;
    case 'certificate':
      return `the certificate ${certificateWords[failure.problem]} (${failure.code})`;
    case 'proxy-refused':
      return `the proxy refused the connection${failure.status === undefined ? '' : ` (HTTP ${failure.status})`}`;
    case 'other':
      return `connection failed (${failure.code})`;
  }
}

/** The failure with its host, such as `cannot connect to slack.com: connection refused`. */
export function describeFailureAt(host: string, failure: ConnectionFailure): string {
  if (failure.kind === 'other') return `request to ${host} failed (${failure.code})`;
  return neverConnected(failure)
    ? `cannot connect to ${host}: ${describeFailure(failure)}`
    : `connected to ${host}, but ${describeFailure(failure)}`;
}

const certificateWords: Readonly<Record<CertificateProblem, string>> = {
  expired: 'has expired',
  'not-yet-valid': 'is not valid yet',
  'wrong-name': 'is for another host name',
  untrusted: 'is not trusted',
};

function describeTimeout(stage: Stage, seconds: number | undefined): string {
  switch (stage) {
    case 'connection':
      return `connection timed out${seconds === undefined ? '' : ` after ${seconds} s`}`;
    case 'handshake':
      return `TLS handshake timed out${seconds === undefined ? '' : ` after ${seconds} s`}`;
    case 'response':
      return `no response ${seconds === undefined ? 'in time' : `within ${seconds} s`}`;
  }
}
