/** Every value of each header, in order, by its name in lower case. Nothing is joined: a repeated header is visible. */
export type RequestHeaders = Readonly<Record<string, readonly string[]>>;

/**
 * Reads Node's `rawHeaders`. The result has no prototype, so that a header may be called `__proto__`: Node's own
 * `headersDistinct` throws on that name before 20.20.2.
 *
 * @param raw names and values in turn
 */
export function readHeaders(raw: readonly string[]): RequestHeaders {
  const headers: Record<string, string[]> = Object.create(null);
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] ?? '').toLowerCase();
    const value = raw[index + 1] ?? '';
    const values = headers[name];
    if (values) values.push(value);
    else headers[name] = [value];
  }
  return headers;
}
