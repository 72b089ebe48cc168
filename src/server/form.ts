/**
 * A body of `application/x-www-form-urlencoded` (URL Standard, 5.1). It reads as `URLSearchParams` does, but decodes
 * only the values that are asked for: of what Slack sends with a command, that is half.
 */
export class Form {
  readonly #fields: { readonly name: string; readonly encoded: string }[] = [];

  constructor(body: string) {
    for (let start = 0; start < body.length; ) {
      const ampersand = body.indexOf('&', start);
      const end = ampersand === -1 ? body.length : ampersand;
      const sign = body.indexOf('=', start);
      const nameEnd = sign === -1 || sign > end ? end : sign;
      if (end > start) {
        this.#fields.push({
          name: decode(body.slice(start, nameEnd)),
          encoded: body.slice(nameEnd + 1, end),
        });
      }
      start = end + 1;
    }
  }

  /** How often a field stands in the form. */
  count(name: string): number {
    let count = 0;
    for (const field of this.#fields) if (field.name === name) count += 1;
    return count;
  }

  /** The first value of a field. */
  get(name: string): string | undefined {
    for (const field of this.#fields) if (field.name === name) return decode(field.encoded);
    return undefined;
  }
}

function decode(encoded: string): string {
  const spaced = encoded.includes('+') ? encoded.replaceAll('+', ' ') : encoded;
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    // A stray percent sign, or bytes that are not UTF-8, which the standard forgives.
    return new URLSearchParams(`value=${encoded}`).get('value') ?? '';
  }
}
