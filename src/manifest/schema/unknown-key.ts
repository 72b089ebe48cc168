import { child, type Pointer } from '../../json-value.ts';
import { nearest } from '../../text/nearest.ts';
import { type Remark, remark } from '../finding.ts';
import { knownKeys, placesOf } from './definition.ts';

/** A key that is known in more places than this, such as `name`, belongs nowhere in particular. */
const maxPlaces = 2;

/** Reports the keys that the schema does not know, in the order given. */
export class UnknownKeys {
  readonly #lenient: boolean;
  /** The objects whose known keys a hint has listed: once is enough. */
  readonly #listed = new Set<Pointer>();

  /** @param lenient reports warnings, for manifests that Slack exported with keys that the schema lacks */
  constructor(lenient: boolean) {
    this.#lenient = lenient;
  }

  report(parent: Pointer, key: string): Remark {
    return remark('unknown-key', {
      severity: this.#lenient ? 'warning' : 'error',
      pointer: child(parent, key),
      at: 'key',
      message: `the key "${key}" is unknown here`,
      hint: this.#hint(parent, key),
    });
  }

  #hint(parent: Pointer, key: string): string {
    const known = knownKeys(parent);
    if (known.includes(key.trim())) return 'Remove the space around it, perhaps a no-break space.';
    const places = placesOf(key).map((path) => (path === '' ? 'the top level' : path));
    if (places.length > 0 && places.length <= maxPlaces) return `Move it to ${places.join(' or ')}.`;
    const meant = nearest(key, known);
    if (meant !== undefined) return `Did you mean ${meant}?`;
    if (this.#listed.has(parent)) return 'Remove it.';
    this.#listed.add(parent);
    return `Remove it. Known here: ${known.join(', ')}.`;
  }
}
