import { isDeepStrictEqual } from 'node:util';
import { type ObjectNode, parse } from '@humanwhocodes/momoa';
import { UserError } from '../user-error.ts';
import type { Credentials } from './credentials.ts';
import { slackConfig } from './formats/cloudformation.ts';
import { type NamedFile, type StoreOutcome, updateSecretFile } from './secret-file.ts';

/**
 * Writes the `slack_config` block to the config.json of the CloudFormation installer: it replaces the existing one, or
 * follows the last key. Everything else stays unchanged.
 *
 * @throws UserError `config-invalid` if the file is missing or is not a JSON object, or `file-not-written`
 */
export function storeInstallerConfig(file: NamedFile, credentials: Credentials): Promise<StoreOutcome> {
  const block = slackConfig(credentials);
  return updateSecretFile(file, (before) => {
    if (!before) throw invalid(file.name, 'does not exist');
    const text = before.toString();
    const expected = { ...readObject(file.name, text), slack_config: block };
    return {
      content: Buffer.from(setMember(text, 'slack_config', block)),
      verify(written) {
        if (!isDeepStrictEqual(JSON.parse(written.toString()), expected)) {
          throw invalid(file.name, 'cannot be changed safely');
        }
      },
    };
  });
}

function readObject(name: string, text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The message of the parser quotes the text, which contains secrets.
    throw invalid(name, 'is not valid JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(name, 'is not a JSON object');
  }
  return { ...value };
}

/** @param text a valid JSON object */
function setMember(text: string, key: string, value: unknown): string {
  const object = topObject(text);
  const lineBreak = /\r?\n/.exec(text)?.[0] ?? '';
  const indent = lineBreak && (/\n([ \t]+)"/.exec(text)?.[1] ?? '  ');
  const written = JSON.stringify(value, null, indent).replaceAll('\n', lineBreak + indent);
  const member = object.members.findLast(({ name }) => name.type === 'String' && name.value === key);
  if (member) return splice(text, rangeOf(member.value), written);
  const added = `${lineBreak}${indent}${JSON.stringify(key)}:${lineBreak && ' '}${written}`;
  const last = object.members.at(-1);
  if (!last) return splice(text, rangeOf(object), `{${added}${lineBreak}}`);
  const [, end] = rangeOf(last);
  return splice(text, [end, end], `,${added}`);
}

function topObject(text: string): ObjectNode {
  const { body } = parse(text, { ranges: true });
  if (body.type !== 'Object') throw new TypeError('the text is not a JSON object');
  return body;
}

type Range = readonly [start: number, end: number];

function rangeOf(node: { readonly range?: readonly number[] | undefined }): Range {
  const [start, end] = node.range ?? [];
  if (start === undefined || end === undefined) throw new TypeError('the parser returned no positions');
  return [start, end];
}

function splice(text: string, [start, end]: Range, replacement: string): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

function invalid(name: string, problem: string): UserError {
  return new UserError('config-invalid', `${name} ${problem}`, {
    hint: 'Pass the config.json of the CloudFormation installer.',
    exitCode: 2,
  });
}
