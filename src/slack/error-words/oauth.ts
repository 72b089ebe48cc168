import type { ErrorWord } from './entry.ts';

/** How an installation fails: on Slack's page, in the redirect, at the exchange of the code, or in Spacelift. */
export const oauthWords: readonly ErrorWord[] = [
  {
    word: 'access_denied',
    meaning:
      "In a redirect from Slack: the person pressed Cancel. In a response of Slack's API: the token may not do this.",
    causes: [
      'The installation was cancelled.',
      'An administrator has not approved the app.',
      'The token is of another kind.',
    ],
    advice: 'Start the installation again, or ask an administrator of the workspace to approve the app.',
    run: [],
    source: 'oauth',
  },
  {
    word: 'bad_redirect_uri',
    shown: ['redirect_uri did not match any configured URIs. Passed URI: …'],
    meaning:
      'The redirect URI of the request is not one of the app\'s redirect URLs, or differs from the one that the installation began with. Slack shows it after "Passed URI".',
    causes: [
      'The passed URI begins with http: TLS ends at a proxy in front of Spacelift, so Spacelift builds an http URL. Set its public URL to https, and forward X-Forwarded-Proto.',
      'The app has another domain: the redirect URL must be https://<domain>/slack_oauth.',
      'A trailing slash or a port was added.',
      "Spacelift's own domain setting differs from the name in the browser.",
    ],
    advice:
      "Compare the passed URI with the app's redirect URL, which must be https://<domain>/slack_oauth with the domain that Spacelift is configured with.",
    run: ['spacelift-slack app diff', 'spacelift-slack doctor --only oauth.reachable'],
    source: 'oauth',
  },
  {
    word: 'invalid_team_for_non_distributed_app',
    meaning:
      'The app is being installed in another workspace than the one it was created in, and it is not distributed.',
    causes: [
      'The browser was signed in to another workspace.',
      'The app was created in a test workspace.',
      'Several workspaces are meant to use one app.',
    ],
    advice: "Choose the app's own workspace, or create the app in the workspace that will use it.",
    run: ['spacelift-slack manifest'],
    source: 'oauth',
  },
  {
    word: 'invalid_browser',
    shown: ['Please try again from here or contact the app owner (reason: invalid_browser)'],
    meaning:
      'The browser that came back from Slack is not the one that began the installation: the state cookie is missing or different. Apps built with Bolt for Python show this word; `spacelift-slack serve` has a page for it.',
    causes: [
      "The installation was started from Slack's own pages, or from a link to slack.com, instead of the app's install page.",
      'The install page was opened over http, so that the browser did not keep the cookie.',
      'It was started in one browser and finished in another, or more than ten minutes later.',
      'Several installations ran in one browser at the same time.',
    ],
    advice: 'Start again at the install page over https, and finish in the same browser.',
    run: [],
    source: 'oauth-state',
  },
  {
    word: 'workspace-already-in-use',
    shown: ['Slack workspace already in use by a Spacelift account'],
    meaning:
      'The workspace is connected to another Spacelift account: a workspace belongs to one account at a time.',
    causes: [
      'Another Spacelift account, perhaps a test installation or spacelift.io, is connected to the workspace.',
      'An earlier installation of Spacelift was removed without disconnecting Slack.',
    ],
    advice:
      'Disconnect the workspace in the other account at Integrations > Slack, or connect another workspace.',
    run: [],
    source: 'spacelift-slack-integration',
  },
  {
    word: 'invalid_client_id',
    meaning: 'Slack has no app with this client id.',
    causes: [
      'SLACK_APP_CLIENT_ID holds the app id (A…).',
      'A YAML file turned the id into a number.',
      'The app was deleted.',
      'The app is on slack-gov.com, and slack.com was called, or the other way round.',
    ],
    advice:
      'Copy the client id from Basic Information: two numbers with a dot between them, in quotes in YAML.',
    run: ['spacelift-slack doctor --only env,slack.credentials'],
    source: 'oauth.v2.access',
  },
  {
    word: 'bad_client_secret',
    meaning: 'The client secret does not belong to the client id.',
    causes: [
      'SLACK_APP_CLIENT_SECRET holds the signing secret.',
      'The secret was regenerated, and Spacelift has the old one.',
      'The id and the secret are of two different apps.',
      'A space, a quote or a line break was copied along.',
    ],
    advice: 'Copy the client id and the client secret again, from the same app.',
    run: ['spacelift-slack doctor --only env,slack.credentials', 'spacelift-slack env'],
    source: 'oauth.v2.access',
  },
  {
    word: 'invalid_code',
    alias: ['code_expired'],
    meaning: 'The code from the redirect is unknown or has expired: it is valid for ten minutes.',
    causes: ['The page was left open.', 'The code belongs to another app.', 'A proxy changed the query.'],
    advice:
      'Start the installation again; in a report of doctor the word is a pass, since the id and the secret belong together.',
    run: [],
    source: 'oauth.v2.access',
  },
  {
    word: 'code_already_used',
    meaning: 'The code from the redirect was exchanged before; it can be used once.',
    causes: [
      'The page was reloaded.',
      'Two servers handled the same redirect.',
      'A link scanner opened the redirect first.',
    ],
    advice: 'Check whether the first attempt succeeded; if not, start the installation again.',
    run: [],
    source: 'reports',
  },
  {
    word: 'invalid_scope',
    alias: ['invalid_scopes'],
    meaning:
      'The installation or the manifest requests a scope that does not exist, or not for an app of this kind.',
    causes: ['A scope is misspelt.', 'A user scope is among the bot scopes.', 'Slack has retired the scope.'],
    advice: 'Request the seven documented bot scopes.',
    run: ['spacelift-slack manifest validate manifest.json', 'spacelift-slack app diff'],
    source: 'oauth',
  },
  {
    word: 'unapproved_scope',
    meaning: 'An administrator has not approved one of the scopes that the app requests.',
    causes: ['The workspace restricts apps, and the app, or a scope added to it since, waits for approval.'],
    advice: 'Ask an administrator to approve the app with all of its scopes.',
    run: [],
    source: 'oauth',
  },
  {
    word: 'scope_not_allowed_on_enterprise',
    meaning: 'One of the scopes cannot be granted for a whole organisation.',
    causes: ['The app is being installed for the organisation instead of one workspace.'],
    advice: 'Install the app in a workspace.',
    run: [],
    source: 'oauth',
  },
  {
    word: 'oauth_authorization_url_mismatch',
    meaning: "The installation began at Slack's old address /oauth/authorize, and ended at the new one.",
    causes: ['The install link is old.'],
    advice: "Start at Spacelift's Integrations page, or from a link with /oauth/v2/authorize.",
    run: [],
    source: 'oauth.v2.access',
  },
  {
    word: 'no_scopes',
    meaning: 'The app requests no scopes, so there is nothing to install.',
    causes: ["The scopes are missing in the app's manifest."],
    advice: 'Add the documented bot scopes to the app.',
    run: ['spacelift-slack app diff', 'spacelift-slack app update'],
    source: 'oauth.v2.access',
  },
  {
    word: 'cannot_install_an_org_installed_app',
    meaning:
      'The app is installed for the whole organisation, so it cannot be installed in one workspace as well.',
    causes: ['An administrator installed it for the organisation.'],
    advice: 'Ask an administrator of the organisation to add the workspace to the existing installation.',
    run: [],
    source: 'oauth.v2.access',
  },
  {
    word: 'user_email_unverified',
    meaning: 'The person who installs the app has not confirmed their e-mail address in Slack.',
    causes: ['The account is new.'],
    advice: 'Confirm the address in Slack, then start again.',
    run: [],
    source: 'oauth.v2.access',
  },
  {
    word: 'pkce_not_allowed',
    alias: ['invalid_code_verifier'],
    meaning: "The exchange used PKCE in a way that the app's settings do not allow.",
    causes: [
      'pkce_enabled differs between the app and the program that started the installation.',
      'Two attempts were mixed up.',
    ],
    advice: "Leave pkce_enabled out of the manifest; once it is on, only Slack's support can turn it off.",
    run: ['spacelift-slack app diff'],
    source: 'oauth.v2.access',
  },
  {
    word: 'invalid_grant_type',
    alias: ['preview_feature_not_available'],
    meaning: 'Slack does not offer this kind of token exchange to the app.',
    causes: ['The request assumes token rotation or a preview feature that the app does not have.'],
    advice: 'Compare the app with what Spacelift needs: token rotation must be off.',
    run: ['spacelift-slack app diff'],
    source: 'oauth.v2.access',
  },
];
