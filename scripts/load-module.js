import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

/**
 * Builds a module of the sources in memory and imports it, on any version of Node.
 *
 * @param {string} source the module's path in the repository; it must not import from node_modules
 */
export async function loadModule(source) {
  const { output } = await build({
    cwd: fileURLToPath(new URL('../', import.meta.url)),
    input: source,
    platform: 'node',
    write: false,
    output: { format: 'esm' },
  });
  return import(`data:text/javascript,${encodeURIComponent(output[0].code)}`);
}
