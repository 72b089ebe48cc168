import { isDeepStrictEqual } from 'node:util';
import { type ObjectNode, parse } from '@humanwhocodes/momoa';
import { UserError } from '../user-error.ts';
import type { Credentials } from './credentials.ts';
import { slackConfig } from './forms/cloudformation.ts';
import { type NamedFile, type StoreOutcome, updateSecretFile } from './secret-file.ts';

/**
 * Puts the `slack_config` block into the config.json of the CloudFormation installer, in place of the one that is
 * there or behind the last key. Everything else stays as it is written.
 *
 * @throws UserError `config-invalid` where the file is missing or holds no JSON object, or `file-not-written`
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
          throw invalid(file.name, 'cannot be changed safely, and was not');
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
    // The parser's own message quotes the text, which holds secrets.
    throw invalid(name, 'is not valid JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(name, 'holds no JSON object');
  }
  return { ...value };
}

/** @param text valid JSON with an object at its top */
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
  if (body.type !== 'Object') throw new TypeError('the text holds no JSON object');
  return body;
}

type Range = readonly [start: number, end: number];

function rangeOf(node: { readonly range?: readonly number[] | undefined }): Range {
  const [start, end] = node.range ?? [];
  if (start === undefined || end === undefined) throw new TypeError('the parser gave no positions');
  return [start, end];
}

function splice(text: string, [start, end]: Range, replacement: string): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

function invalid(name: string, problem: string): UserError {
  return new UserError('config-invalid', `${name} ${problem}`, {
    hint: 'Name the config.json that the CloudFormation installer takes.',
    exitCode: 2,
  });
}
