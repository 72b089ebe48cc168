import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'rolldown';

/**
 * Builds a module of the sources, with what it imports, and imports it on any version of Node.
 *
 * @param {string} source the module's path in the repository
 */
export async function loadModule(source) {
  const root = fileURLToPath(new URL('../', import.meta.url));
  const { output } = await build({
    cwd: root,
    input: source,
    platform: 'node',
    write: false,
    output: { format: 'esm', codeSplitting: false },
  });
  // In a file, so that a CommonJS dependency can require what Node has built in, and here, so that it finds its binary.
  const cache = join(root, 'node_modules', '.cache');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'module-'));
  try {
    const file = join(folder, 'module.mjs');
    await writeFile(file, output[0].code);
    return await import(pathToFileURL(file).href);
  } finally {
    await rm(folder, { recursive: true });
  }
}
