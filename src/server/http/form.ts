/**
 * A body of `application/x-www-form-urlencoded` (URL Standard, 5.1). It reads as `URLSearchParams` does, but cuts out
 * and decodes only what is asked for: of what Slack sends with a command, that is half.
 */
export class Form {
  readonly #body: string;
  /** Where a field begins, where its name ends and where it ends: three numbers a field. */
  readonly #places: number[] = [];
  /** Reads a form whose names are encoded, which those of Slack's are not. */
  readonly #standard: URLSearchParams | undefined;

  constructor(body: string) {
    this.#body = body;
    for (let start = 0; start < body.length; ) {
      const ampersand = body.indexOf('&', start);
      const end = ampersand === -1 ? body.length : ampersand;
      const sign = body.indexOf('=', start);
      const nameEnd = sign === -1 || sign > end ? end : sign;
      if (isEncoded(body, start, nameEnd)) {
        // It would take a question mark at the beginning for the mark of a query.
        this.#standard = new URLSearchParams(`&${body}`);
        return;
      }
      if (end > start) this.#places.push(start, nameEnd, end);
      start = end + 1;
    }
  }

  /** How often a field stands in the form. */
  count(name: string): number {
    if (this.#standard) return this.#standard.getAll(name).length;
    let count = 0;
    for (let at = this.#find(name, 0); at !== -1; at = this.#find(name, at + 3)) count += 1;
    return count;
  }

  /** The first value of a field. */
  get(name: string): string | undefined {
    if (this.#standard) return this.#standard.get(name) ?? undefined;
    const at = this.#find(name, 0);
    if (at === -1) return undefined;
    const nameEnd = this.#places[at + 1] ?? 0;
    return decode(this.#body.slice(nameEnd + 1, this.#places[at + 2]));
  }

  /** Where in the places the first field of a name stands, from one of them on; -1 for nowhere. */
  #find(name: string, from: number): number {
    for (let at = from; at < this.#places.length; at += 3) {
      const start = this.#places[at] ?? 0;
      const nameEnd = this.#places[at + 1] ?? 0;
      if (nameEnd - start === name.length && this.#body.startsWith(name, start)) return at;
    }
    return -1;
  }
}

const percent = 0x25;
const plus = 0x2b;

/** Whether signs that stand for others are in a part of a text. */
function isEncoded(text: string, start: number, end: number): boolean {
  for (let index = start; index < end; index++) {
    const code = text.charCodeAt(index);
    if (code === percent || code === plus) return true;
  }
  return false;
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
