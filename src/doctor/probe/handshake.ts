import { X509Certificate } from 'node:crypto';
import { connect, type DetailedPeerCertificate, type SecureContext, type TLSSocket } from 'node:tls';
import {
  type ConnectionFailure,
  classifyFailure,
  isHandshakeFailure,
  type Stage,
} from '../../net/connection-failure.ts';

/** An address and a port to connect to. */
export interface Peer {
  readonly address: string;
  readonly port: number;
}

export type Handshake =
  | {
      readonly connected: true;
      /** Such as `TLSv1.3`. */
      readonly protocol: string;
      /** The leaf first, then what the server sent along as far as one certificate leads to the next. */
      readonly chain: readonly X509Certificate[];
      /** OpenSSL's objection to the chain; undefined if it leads to a root. The host name is not judged. */
      readonly objection: string | undefined;
    }
  | { readonly connected: false; readonly failure: ConnectionFailure };

export interface HandshakeOptions {
  /** For SNI. */
  readonly host: string;
  readonly context: SecureContext;
  readonly signal: AbortSignal;
}

const limitSeconds = 5;

/**
 * Opens a TLS connection, reads its certificates and closes it. Nothing is sent, so no certificate needs to be trusted. A
 * server without TLS 1.2 gets a second attempt with older versions, so that its version can be named.
 *
 * @param old for the second attempt: a context that allows TLS 1.0
 */
export async function shakeHands(
  peer: Peer,
  options: HandshakeOptions,
  old: () => SecureContext,
): Promise<Handshake> {
  const first = await attempt(peer, options);
  if (first.connected || !isHandshakeFailure(first.failure)) return first;
  const second = await attempt(peer, { ...options, context: old() });
  return second.connected ? second : first;
}

function attempt(peer: Peer, { host, context, signal }: HandshakeOptions): Promise<Handshake> {
  return new Promise((resolve, reject) => {
    let stage: Stage = 'connection';
    const socket = connect({
      host: peer.address,
      port: peer.port,
      servername: host,
      secureContext: context,
      // A bad chain is of interest too; no byte of ours follows.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
      ALPNProtocols: ['http/1.1'],
    });
    const end = (handshake: Handshake) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      socket.destroy();
      resolve(handshake);
    };
    const abort = () => end({ connected: false, failure: { kind: 'other', code: 'ABORTED' } });
    const timer = setTimeout(
      () => end({ connected: false, failure: { kind: 'timed-out', stage, seconds: limitSeconds } }),
      limitSeconds * 1000,
    );
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) return abort();
    socket.on('connect', () => {
      stage = 'handshake';
    });
    socket.on('error', (error) => {
      const failure = classifyFailure(error);
      if (failure) end({ connected: false, failure });
      else reject(error);
    });
    socket.on('close', () => end({ connected: false, failure: { kind: 'reset' } }));
    socket.on('secureConnect', () => end(read(socket)));
  });
}

function read(socket: TLSSocket): Handshake {
  const error: unknown = socket.authorizationError;
  return {
    connected: true,
    protocol: socket.getProtocol() ?? 'unknown',
    chain: chainOf(socket.getPeerCertificate(true)),
    objection: socket.authorized ? undefined : codeOf(error),
  };
}

/** Node types it as an Error, and gives the code as a string. */
function codeOf(error: unknown): string {
  if (typeof error === 'string') return error;
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

function chainOf(leaf: DetailedPeerCertificate): X509Certificate[] {
  const chain: X509Certificate[] = [];
  const seen = new Set<string>();
  // A root is its own issuer, which ends the walk; a server may also send no certificate at all.
  for (
    let certificate: DetailedPeerCertificate | undefined = leaf;
    certificate?.raw && !seen.has(certificate.fingerprint256);
    certificate = certificate.issuerCertificate
  ) {
    seen.add(certificate.fingerprint256);
    chain.push(new X509Certificate(certificate.raw));
  }
  return chain;
}
