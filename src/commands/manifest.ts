import type { Command } from '@commander-js/extra-typings';
import type { Run } from '../cli.ts';
import { parseDomain } from '../domain.ts';
import { renderManifest } from '../manifest/render.ts';
import { ExitCode } from '../terminal/exit-code.ts';
import { UserError } from '../user-error.ts';

export function define(command: Command, run: Run): void {
  command.option('--domain <domain>', 'the host that Spacelift answers on').action((options) =>
    run(async ({ terminal }) => {
      const parsed = parseDomain(options.domain ?? '');
      if (!parsed.ok) {
        throw new UserError('domain-invalid', `--domain ${parsed.problem}`, {
          hint: parsed.hint,
          exitCode: 2,
        });
      }
      const manifest = renderManifest({ domain: parsed.domain, webhookDomain: parsed.domain });
      terminal.result(JSON.stringify(manifest, null, 2));
      return ExitCode.done;
    }),
  );
}
