import { createReadStream, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import type { Context } from '../../cli/context.ts';
import { fileUnreadable } from '../../files/file-error.ts';
import { UserError } from '../../user-error.ts';

/**
 * Reads a manifest file, or standard input for `-`; of one over the limit only as much as it takes to know that.
 *
 * @throws UserError `file-unreadable`, or `input-missing` where standard input is a terminal
 */
export async function readManifestFile(name: string, context: Context): Promise<Uint8Array> {
  if (name === '-' && context.stdin.isTTY) {
    throw new UserError('input-missing', 'no manifest: stdin is a terminal', {
      hint: 'Name a file, or redirect one: … < manifest.json',
      exitCode: 2,
    });
  }
  const { maxBytes } = await import('../../manifest/source/read-source.ts');
  const path = resolve(context.cwd, name);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    if (name !== '-' && isSmallFile(path, maxBytes)) return readFileSync(path);
    const input: Readable = name === '-' ? context.stdin : createReadStream(path);
    for await (const chunk of input) {
      chunks.push(Buffer.from(chunk));
      size += chunk.length;
      if (size > maxBytes) break;
    }
  } catch (cause) {
    throw fileUnreadable(name, cause);
  }
  return Buffer.concat(chunks);
}

/** Whether it can be read at once, which is faster than a stream: a pipe may never end. */
function isSmallFile(path: string, maxBytes: number): boolean {
  const status = statSync(path);
  return status.isFile() && status.size <= maxBytes;
}
