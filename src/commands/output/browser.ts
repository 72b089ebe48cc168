import type { ChildProcess } from 'node:child_process';
import { childEnvironment } from '../../environment/child-environment.ts';
import { UserError } from '../../user-error.ts';

/** A launcher that runs longer has found a browser: some run as long as the browser does. */
const launchMs = 2_000;

/**
 * Opens a link in the person's browser.
 *
 * @throws UserError `browser-missing`
 */
export async function openInBrowser(link: string): Promise<void> {
  const { default: open } = await import('open');
  try {
    const exitCode = await exitOf(await withoutSecrets(() => open(link)));
    if (exitCode !== undefined && exitCode !== 0) throw new Error(`the launcher ended with ${exitCode}`);
  } catch (cause) {
    throw new UserError('browser-missing', 'could not open a browser', {
      hint: 'Print the link with --format url, and open it on a machine with a browser.',
      exitCode: 3,
      cause,
    });
  }
}

/** Does work while the process environment holds only what a child may see: `open` takes no environment. */
async function withoutSecrets<Value>(work: () => Promise<Value>): Promise<Value> {
  const full = { ...process.env };
  const passed = childEnvironment(full);
  for (const name of Object.keys(full)) if (!(name in passed)) delete process.env[name];
  try {
    return await work();
  } finally {
    Object.assign(process.env, full);
  }
}

/** The exit code of a launcher; undefined if it is still running. */
function exitOf(launcher: ChildProcess): Promise<number | undefined> {
  if (launcher.exitCode !== null) return Promise.resolve(launcher.exitCode);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, launchMs, undefined);
    launcher.once('error', reject).once('exit', (exitCode) => {
      clearTimeout(timer);
      resolve(exitCode ?? undefined);
    });
  });
}
