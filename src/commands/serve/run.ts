import { once } from 'node:events';
import template from '../../../templates/slack-app-manifest.json' with { type: 'json' };
import type { Context } from '../../cli/context.ts';
import type { Domain } from '../../domain.ts';
import { credentialVariables, readCredentials } from '../../environment/credentials.ts';
import type { Settings } from '../../environment/settings.ts';
import { ExitCode } from '../../exit-code.ts';
import { readDescriptorLimit } from '../../files/descriptor-limit.ts';
import { formatAddress, isSameAddress, parseAddress } from '../../server/http/address.ts';
import { parseProxies, type TrustedProxies } from '../../server/http/client-address.ts';
import type { OAuthSettings } from '../../server/oauth/oauth.ts';
import { installPath, redirectPath } from '../../server/oauth/paths.ts';
import type { Logger } from '../../server/operations/log.ts';
import { penFor } from '../../terminal/colour.ts';
import { UserError } from '../../user-error.ts';
import { findSpaceliftDomain, findWebhookDomain, requireDomain } from '../options/domain.ts';
import { readSlackUrl } from '../options/slack-api-url.ts';
import { openChosenStore } from './chosen-store.ts';
import type { ServeOptions } from './options.ts';
import { loopWarning, readRelayOptions } from './relay-options.ts';
import { readSigningSecrets } from './signing-secrets.ts';
import { readSocketMode } from './socket-mode-options.ts';

const usualListen = '127.0.0.1:3000';
/** How long Slack may take to exchange a code, in milliseconds: a person waits before a blank page. */
const exchangeTimeLimit = 10_000;

/** Runs the endpoints until a signal ends them. */
export async function runServe(context: Context, options: ServeOptions): Promise<ExitCode> {
  const { terminal } = context;
  const listen =
    options.listen === undefined && options.socketMode
      ? undefined
      : parseAddress(options.listen ?? usualListen, '--listen');
  const adminListen = parseAddress(options.adminListen, '--admin-listen');
  if (listen && isSameAddress(listen, adminListen)) {
    throw new UserError('address-twice', `--listen and --admin-listen are both ${formatAddress(listen)}`, {
      hint: 'Pass another port with one of them: the private endpoints need a listener of their own.',
      exitCode: 2,
    });
  }
  const settings = await context.settings(options.envFile);
  const { remark, ...secrets } = readSigningSecrets(settings, context.now());
  const domain = options.printManifestHint
    ? await requireDomain(options.domain, settings, terminal)
    : findSpaceliftDomain(options.domain, settings, terminal);
  const calledDomain = findWebhookDomain(options.webhookDomain, domain, settings, terminal);
  const webhookDomain = calledDomain ?? domain;
  const trustedProxies = readTrustedProxies(options.trustProxy);
  const warnings: string[] = remark === undefined ? [] : [remark];
  const slackApiUrl = readSlackUrl(options.slackApiUrl, settings, context, (line) => warnings.push(line));
  const socketMode = readSocketMode(options, settings, secrets.signingSecrets[0]);
  const relay = await readRelayOptions(options, context);
  const warning = relay && listen && loopWarning(relay, calledDomain);
  if (warning !== undefined) warnings.push(warning);
  const { allowWorkspace } = options;
  // The redirect passes through the browser, which needs the public listener.
  const oauth =
    relay || !listen ? undefined : await readOAuth(settings, slackApiUrl, domain, allowWorkspace, context);
  if (allowWorkspace && !oauth) {
    throw new UserError('oauth-off', '--allow-workspace has no effect: this server installs no app', {
      hint: whyNoOAuth(relay !== undefined, listen !== undefined),
      exitCode: 2,
    });
  }
  const [{ createLog }, { startServer }] = await Promise.all([
    import('../../server/operations/log.ts'),
    import('../../server/server.ts'),
  ]);
  const log = createLog({
    format: options.logFormat ?? (terminal.showsProgress ? 'pretty' : 'json'),
    level: terminal.verbose ? 'debug' : terminal.quiet ? 'warn' : 'info',
    write: (lines) => terminal.log(lines),
    pen: await penFor(terminal, 'stderr'),
    now: () => context.now(),
  });

  const { interruption } = context;
  const warn = (line: string) => log.warn(line);
  for (const line of warnings) warn(line);
  const store = await openChosenStore(
    { option: options.store, settings, keepsTokens: oauth !== undefined, warn },
    context,
  );
  if (store.usesPreviousKey) {
    warn(
      'the store is still encrypted with the previous key: run serve keys rotate once all replicas have both',
    );
  }
  const server = await startServer({
    listen,
    adminListen,
    ...secrets,
    relay,
    socketMode,
    slack: { url: slackApiUrl, env: context.env },
    trustedProxies,
    shedsLoad: true,
    descriptorLimit: await readDescriptorLimit(),
    oauth,
    store,
    log,
    now: () => context.now(),
  }).catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  log.info(
    {
      public: server.address && formatAddress(server.address),
      private: formatAddress(server.adminAddress),
      store: store.location,
    },
    'listening',
  );
  if (socketMode) log.info({ connections: socketMode.connections }, 'connecting to Slack');
  if (relay) log.info({ upstream: relay.origin, host: relay.host, oauth: relay.oauth }, 'relaying');
  else if (listen) await reportOAuth(log, oauth, domain);
  if (options.printManifestHint && domain && webhookDomain) {
    await printHint(log, domain, webhookDomain, oauth !== undefined);
  }
  if (!interruption.aborted) await once(interruption, 'abort');
  log.info('stopping: finishing what is in flight');
  await server.stop();
  log.info('stopped');
  return ExitCode.done;
}

function whyNoOAuth(isRelay: boolean, isPublic: boolean): string {
  if (isRelay) return 'Leave it out: with --upstream, Spacelift installs the app.';
  if (!isPublic)
    return 'Add --listen, or leave it out: with --socket-mode alone, browsers reach no page here.';
  return `Set ${credentialVariables.clientId} and ${credentialVariables.clientSecret}, or leave it out.`;
}

function readTrustedProxies(given: string | true | undefined): TrustedProxies {
  if (given === undefined) return 'none';
  return given === true ? 'peer' : parseProxies(given);
}

async function readOAuth(
  settings: Settings,
  url: string,
  domain: Domain | undefined,
  allowedWorkspaces: readonly string[] | undefined,
  { env }: Context,
): Promise<Omit<OAuthSettings, 'store'> | undefined> {
  const { clientId, clientSecret } = readCredentials(settings);
  if (clientId === undefined || clientSecret === undefined) return undefined;
  const { createSlackApi } = await import('../../slack/api/web-api.ts');
  return {
    clientId,
    clientSecret,
    scopes: template.oauth_config.scopes.bot,
    redirectUri: domain && `https://${domain}${redirectPath}`,
    allowedWorkspaces,
    slack: createSlackApi({
      url,
      env,
      timeoutMs: exchangeTimeLimit,
      longestWaitSeconds: 0,
    }),
  };
}

async function reportOAuth(
  log: Logger,
  oauth: Omit<OAuthSettings, 'store'> | undefined,
  domain: Domain | undefined,
): Promise<void> {
  if (!oauth) {
    const { clientId, clientSecret } = credentialVariables;
    log.warn(`OAuth is off: ${clientId} and ${clientSecret} are not both set, so ${redirectPath} is 404`);
  } else if (!domain) {
    log.warn('no --domain: Slack will send the browser back to the first redirect URL of the app');
  }
}

async function printHint(
  log: Logger,
  domain: Domain,
  webhookDomain: Domain,
  withOAuth: boolean,
): Promise<void> {
  const { webhookPath } = await import('../../server/webhook/slack-webhook.ts');
  const requestUrl = `https://${webhookDomain}${webhookPath}`;
  log.info({ requestUrl }, 'for the manifest: slash command, events and interactivity');
  if (!withOAuth) return;
  log.info({ redirectUrl: `https://${domain}${redirectPath}` }, 'for the manifest: OAuth redirect URL');
  log.info({ installUrl: `https://${domain}${installPath}` }, 'to install the app');
}
