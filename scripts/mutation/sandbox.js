import { cpSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const notCopied = new Set(['.git', 'build', 'coverage', 'dist', 'node_modules']);

/** Copies the repository into a new folder below build/, so that no change reaches src/. @returns the folder */
export function createSandbox() {
  mkdirSync(join(root, 'build'), { recursive: true });
  const sandbox = mkdtempSync(join(root, 'build/mutation-'));
  for (const name of readdirSync(root)) {
    if (!notCopied.has(name)) cpSync(join(root, name), join(sandbox, name), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(sandbox, 'node_modules'));
  return sandbox;
}
