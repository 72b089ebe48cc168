import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { need } from '../support/need.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** An object of Kubernetes, as YAML gives it: its schema is checked by what reads it. */
// biome-ignore lint/suspicious/noExplicitAny: manifests have no type until they are checked against their schemas.
export type KubernetesObject = any;

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
    return document.toJS();
  });
}
