import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { need } from '../support/need.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What every object of Kubernetes has. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: { readonly namespace?: unknown };
}

/** The class of a kind, made from its published schema. */
interface Kind<T extends KubernetesObject> {
  readonly kind: string;
  /** Compares `apiVersion` and `kind`; only `validate` checks the rest. */
  is(value: unknown): value is T;
  new (data: T): { validate(): void };
}

/**
 * Renders a folder with kustomize.
 *
 * @param folder below the root of the repository
 */
export async function kustomize(folder: string): Promise<readonly KubernetesObject[]> {
  const { stdout } = await promisify(execFile)(await need('kustomize'), ['build', folder], { cwd: root });
  return parseObjects(stdout);
}

/** The objects in a YAML text, which must have no duplicate keys. */
export function parseObjects(text: string): readonly KubernetesObject[] {
  const documents = parseAllDocuments(text, { strict: true, uniqueKeys: true });
  if (!Array.isArray(documents)) throw new Error('no YAML documents');
  return documents.map((document) => {
    const [problem] = [...document.errors, ...document.warnings];
    if (problem) throw problem;
    const value: unknown = document.toJS();
    if (!isKubernetesObject(value)) throw new Error('no apiVersion, kind or metadata');
    return value;
  });
}

function isKubernetesObject(value: unknown): value is KubernetesObject {
  if (!isObject(value) || !('apiVersion' in value && 'kind' in value && 'metadata' in value)) return false;
  return typeof value.apiVersion === 'string' && typeof value.kind === 'string' && isObject(value.metadata);
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** The one object of a kind. */
export function only<T extends KubernetesObject>(objects: readonly KubernetesObject[], Class: Kind<T>): T {
  const [object, ...others] = objects.filter(Class.is);
  if (!object || others.length > 0) throw new Error(`expected one ${Class.kind}`);
  return object;
}

/** A kind, and what throws if its published schema rejects an object. */
export function schema<T extends KubernetesObject>(
  Class: Kind<T>,
): [string, (object: KubernetesObject) => void] {
  return [
    Class.kind,
    (object) => {
      if (!Class.is(object)) throw new Error(`${object.apiVersion} is not the version of ${Class.kind}`);
      new Class(object).validate();
    },
  ];
}
