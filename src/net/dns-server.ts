import { ipVersion } from './ip-version.ts';

/** Reads `ADDRESS` or `ADDRESS:PORT` for `--dns`. Undefined if the text is something else. */
export function parseDnsServer(text: string): string | undefined {
  if (ipVersion(text) !== 0) return ipVersion(text) === 6 ? `[${text}]:53` : text;
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const valid = ipVersion(bracketed ?? '') === 6 || ipVersion(plain ?? '') === 4;
  return valid && Number(port) >= 1 && Number(port) <= 65_535 ? text : undefined;
}
