import { isObject, type JsonObject, type JsonValue } from '../../json-value.ts';
import { isSecretName } from '../../text/mask-secrets.ts';
import { nearest } from '../../text/nearest.ts';
import { type Remark, remark } from '../finding.ts';

/** The keys that tell a manifest; other files have `types`, `functions` or `workflows` too. */
const tellingKeys = ['display_information', 'features', 'oauth_config', 'settings', '_metadata'];

/** Recognises an object that is not a manifest, so that one remark replaces one for each of its keys. */
export function otherFile(value: JsonValue): Remark | undefined {
  if (!isObject(value)) return undefined;
  const keys = Object.keys(value);
  if (keys.length === 0 || keys.some((key) => nearest(key, tellingKeys) !== undefined)) return undefined;
  return remark('not-a-manifest', { pointer: '', at: 'file', ...describe(value, keys) });
}

function describe(
  value: JsonObject,
  keys: readonly string[],
): { readonly message: string; readonly hint?: string } {
  const inner = value['manifest'];
  if (isObject(inner) && tellingKeys.some((key) => Object.hasOwn(inner, key))) {
    return {
      message: 'the manifest is inside the key "manifest"',
      hint: 'Pass the value of that key alone.',
    };
  }
  const looksLike = holdsSecrets(value)
    ? 'a file of credentials'
    : ['name', 'version', 'dependencies'].every((key) => keys.includes(key))
      ? 'a package.json'
      : undefined;
  return {
    message:
      looksLike === undefined
        ? 'this is not a Slack app manifest: it has neither display_information nor features, oauth_config or settings'
        : `this looks like ${looksLike}, not a Slack app manifest`,
  };
}

/** Whether a key, at the top or one level below, is named like a secret. */
function holdsSecrets(value: JsonObject): boolean {
  return Object.entries(value).some(
    ([key, part]) => isSecretName(key) || (isObject(part) && Object.keys(part).some(isSecretName)),
  );
}
