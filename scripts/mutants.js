// `npm run mutants`: checks that the tests notice. Each mutant is one change of the source by which a promise breaks; its
// tests must fail with it. The source is restored afterwards. A name or a part of one chooses mutants.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const judge = 'src/server/relay/judge.ts';
const queue = 'src/store/sql-delivery-queue.ts';
const deliverer = 'src/server/relay/deliverer.ts';
const relay = 'src/server/relay/relay.ts';
const headers = 'src/server/relay/headers.ts';
const wholeResponse = 'src/server/relay/whole-response.ts';
const atomicFile = 'src/files/atomic-file.ts';
const connectionLimits = 'src/server/http/connection-limits.ts';
const connections = 'src/server/http/connections.ts';
const oauth = 'src/server/oauth/oauth.ts';
const judged = 'test/server/relay/judge.test.ts';
const delivering = 'test/server/relay/deliverer.system.test.ts';
const relaying = 'test/server/relay/relay.system.test.ts';
const forwarding = 'test/server/relay/upstream.system.test.ts';
const connecting = 'test/server/http/connections.system.test.ts';
const installing = 'test/server/oauth/oauth.system.test.ts';
const killing = 'test/e2e/env-kill.test.ts';

const mutants = [
  ['5xx counts as a rejection', judge, 'status < 500', 'status < 600', judged],
  ['429 counts as a rejection', judge, '[408, 425, 429]', '[408, 425]', judged],
  ['408 counts as a rejection', judge, '[408, 425, 429]', '[425, 429]', judged],
  ['an event is set aside at the 11th rejection', judge, 'rejections + 1 >=', 'rejections >=', judged],
  ['3xx counts as a rejection', judge, 'status >= 400', 'status >= 300', judged],
  ['the open circuit counts as an attempt', judge, "=== 'circuit-open'", "=== 'late'", judged],
  [
    'a recovering upstream gets 16 requests',
    deliverer,
    'isCircuitOpen ? 1 :',
    'isCircuitOpen ? 16 :',
    delivering,
  ],
  ['stop does not wait', deliverer, 'await Promise.all(this.#working);', '', delivering],
  ['a result is recorded once', deliverer, 'if (this.#stopping || ', 'if (true || ', delivering],
  ['--retain has no effect', relay, 'time - settings.retain', 'time', relaying],
  ['dead letters are kept for a day', relay, '7 * 24 * 3_600_000', '24 * 3_600_000', relaying],
  [
    'no loop check for browsers',
    'src/server/relay/relay-oauth.ts',
    'if (loop) return',
    'if (!loop) return',
    relaying,
  ],
  [
    'Connection names nothing',
    headers,
    '[...hopByHop, ...named',
    '[...hopByHop, ...[].concat(named).slice(9)',
    'test/server/relay/headers.test.ts',
  ],
  [
    'SQLite does not flush',
    'src/store/libsql-dialect.ts',
    'synchronous = full',
    'synchronous = off',
    'test/store/sqlite.test.ts',
  ],
  ['the content is not flushed', atomicFile, 'await handle.sync();', '', killing],
  ['the folder is not flushed', atomicFile, 'await syncFolder(dirname(target));', '', killing],
  ['a temporary file is public', atomicFile, "'wx', permissions ?? 0o666", "'wx', 0o666", killing],
  [
    'more connections',
    connectionLimits,
    'maxConnections = 2_000',
    'maxConnections = 20_000',
    'test/server/http/connection-limits.test.ts',
  ],
  [
    'no nosniff',
    'src/server/http/send-response.ts',
    "'X-Content-Type-Options': 'nosniff',",
    '',
    'test/server/http/listener.system.test.ts',
  ],
  [
    'a stop closes idle connections with the requests under way on them',
    'src/server/http/listener.ts',
    'TcpServer.prototype.close.call(this.#server, resolve)',
    'this.#server.close(resolve)',
    'test/server/http/listener.system.test.ts',
  ],
  [
    'git reads a pattern',
    'src/environment/file-exposure.ts',
    "'--literal-pathspecs', ",
    '',
    'test/environment/file-exposure.system.test.ts',
  ],
  [
    'a refresh token is used up before the store is tried',
    'src/slack/api/config-token.ts',
    'await store.rehearse();',
    '',
    'test/e2e/app.test.ts',
  ],
  [
    'a signature may have something before it',
    'src/slack/signature.ts',
    '/^v0=',
    '/v0=',
    'test/slack/signature.test.ts',
  ],
  [
    "an issuer's key is not checked",
    'src/net/certificate-chain.ts',
    'certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)',
    'certificate.subject !== certificate.issuer && certificate.issuer === issuer.subject',
    'test/net/certificate-chain.test.ts',
  ],
  [
    'a certificate is valid for a day longer',
    'src/doctor/checks/tls.ts',
    'Date.parse(first.validTo) - now',
    'Date.parse(first.validTo) - now + 86_400_000',
    'test/doctor/checks/tls.test.ts',
  ],
  [
    'a check has no limit of its own',
    'src/doctor/runner.ts',
    'Promise.race([result, late])',
    'result',
    'test/doctor/runner.test.ts',
  ],
  [
    'a dropped look that fails is unhandled',
    'src/doctor/runner.ts',
    'running.catch(() => undefined);',
    '',
    'test/doctor/runner.test.ts',
  ],
  ['a bare # is ignored', 'src/domain.ts', "rest.includes('#')", '/#./.test(rest)', 'test/domain.test.ts'],
  [
    'a state is valid for a moment longer',
    oauth,
    'saved.expiresAt <= request.receivedAt',
    'saved.expiresAt < request.receivedAt',
    installing,
  ],
  [
    'a secret of 15 characters starts',
    'src/environment/credential-checks.ts',
    'value.length < shortestSecret',
    'value.length < shortestSecret - 1',
    'test/environment/credential-checks.test.ts',
  ],
  [
    'OAuth responses may be cached',
    'src/server/oauth/pages.ts',
    "'Cache-Control': 'no-store',",
    '',
    installing,
  ],
  [
    'OAuth pages send a referrer',
    'src/server/oauth/pages.ts',
    "'Referrer-Policy': 'no-referrer',",
    '',
    installing,
  ],
  [
    'stop does not cut off deliveries',
    relay,
    'setTimeout(() => void upstream.close(), milliseconds)',
    'setTimeout(() => undefined, milliseconds)',
    relaying,
  ],
  [
    'a retried event stays below the lower bound of its workspace, so that no claim finds it',
    'src/store/first-seq.ts',
    'then excluded.first_seq else',
    'then workspaces.first_seq else',
    'test/store/postgres/postgres.system.test.ts',
  ],
  [
    'the steps of an expiry mark no index entries as dead',
    'src/store/sql-kept-events.ts',
    'from = chosen[0]?.waiting_since;',
    'from = chosen.at(-1)?.waiting_since;',
    'test/store/postgres/mass-changes.system.test.ts',
  ],
  [
    'PostgreSQL reads and sorts all that waits for each step, if it has no statistics',
    'src/store/postgres/driver.ts',
    'set local enable_sort = off; ',
    '',
    'test/store/postgres/mass-changes.system.test.ts',
  ],
  [
    'PostgreSQL reads the events of all workspaces for a claim, if its statistics are old',
    'src/store/workspace-events.ts',
    "where (workspace, state, seq) >= (workspaces.workspace, 'waiting', workspaces.first_seq)",
    "where workspace = workspaces.workspace and state = 'waiting' and seq >= workspaces.first_seq",
    'test/store/postgres/mass-changes.system.test.ts',
  ],
  [
    'a drop of many events leaves their index entries to the next list',
    'src/store/sql-kept-events.ts',
    'await vacuumDeliveries();',
    '',
    'test/store/postgres/mass-changes.system.test.ts',
  ],
  [
    'a failed attempt revives an event that expired meanwhile',
    queue,
    '{ state: result.kind, waiting_since: now } : {}),',
    "{ state: result.kind, waiting_since: now } : { state: 'waiting' as const }),",
    'test/store/sqlite.test.ts',
  ],
  [
    'the content is flushed after the rename',
    atomicFile,
    ['await handle.sync();', 'await syncFolder(dirname(target));'],
    [
      '',
      "const late = await open(target, 'r+'); await late.sync(); await late.close(); await syncFolder(dirname(target));",
    ],
    killing,
  ],
  [
    'the folder is flushed before the rename',
    atomicFile,
    ['await syncFolder(dirname(target));', 'await rename(temporary, target);'],
    ['', 'await syncFolder(dirname(target)); await rename(temporary, target);'],
    killing,
  ],
  [
    'one connection more than the limit',
    connections,
    'this.#open.size > this.#limits.all',
    'this.#open.size > this.#limits.all + 1',
    connecting,
  ],
  [
    'one connection of a peer more than its limit',
    connections,
    'ofPeer.size > this.#limits.ofPeer',
    'ofPeer.size > this.#limits.ofPeer + 1',
    connecting,
  ],
  [
    'a connection is closed while its request is handled',
    connections,
    'begin(connection: Connection): void {',
    'begin(connection: Connection): void { if (connection) return;',
    connecting,
  ],
  ['two states', oauth, 'more.length > 0 ||', '', installing],
  ['two codes', oauth, ' || moreCodes.length > 0', '', installing],
  ['a state is valid for twenty minutes', oauth, '10 * 60_000', '20 * 60_000', installing],
  ['a state works in any browser', oauth, "? 'valid' : 'foreign'", "? 'valid' : 'valid'", installing],
  ['a workspace is delivered to for ever', deliverer, 'count === maxInARow', 'count < 0', delivering],
  [
    'a signature of Slack is used for an hour',
    deliverer,
    'freshSeconds = 60',
    'freshSeconds = 3_600',
    relaying,
  ],
  [
    'the relay sends a request whose time is up',
    wholeResponse,
    'if (this.#timeUp) controller.abort(this.#timeUp);',
    '',
    forwarding,
  ],
  [
    'the relay keeps the connection of a request whose time is up',
    wholeResponse,
    'this.#controller?.abort(timeUp);',
    '',
    forwarding,
  ],
  ['the relay returns a status over 599', wholeResponse, 'status > 599', 'status > 999', forwarding],
  [
    'the circuit opens because the relay stops',
    'src/server/relay/upstream.ts',
    'if (this.#isClosed) return failure;',
    '',
    forwarding,
  ],
  [
    'the relay reads a response without end',
    wholeResponse,
    'if (this.#length > maxBodyBytes) ',
    'if (this.#length < 0) ',
    forwarding,
  ],
  ['a delivery is sent on an old lease', deliverer, '< sendTimeLimit', '< Infinity', delivering],
];

const chosen = mutants.filter(([name]) => process.argv.slice(2).every((part) => name.includes(part)));
const survivors = chosen.filter((mutant) => !isKilled(mutant));
console.log(`${chosen.length - survivors.length} of ${chosen.length} mutants killed`);
process.exitCode = survivors.length === 0 ? 0 : 1;

/** Applies a mutant, runs its tests until one fails, and restores the source. */
function isKilled([name, file, from, to, test]) {
  const source = readFileSync(file, 'utf8');
  const mutated = mutate(source, file, [from].flat(), [to].flat());
  // Ctrl-C ends the child first, so that the source is restored here.
  const ignore = () => undefined;
  process.on('SIGINT', ignore);
  try {
    writeFileSync(file, mutated);
    if (test.startsWith('test/e2e/')) build();
    const failed = firstFailure(test);
    console.log(`${failed === undefined ? 'SURVIVED' : 'killed  '}  ${name} (${test})`);
    if (failed) console.log(`          by: ${failed.title}\n              ${failed.message}`);
    return failed !== undefined;
  } finally {
    writeFileSync(file, source);
    if (test.startsWith('test/e2e/')) build();
    process.off('SIGINT', ignore);
  }
}

/**
 * Runs the tests of a file. A file that cannot even be loaded notices nothing: such a mutant has to be changed.
 *
 * @returns the first test that failed, and why in one line
 */
function firstFailure(test) {
  const args = ['vitest', 'run', '--bail', '1', '--reporter', 'json', test];
  const { stdout } = spawnSync('npx', args, {
    encoding: 'utf8',
    maxBuffer: Infinity,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const { testResults, numTotalTests } = JSON.parse(stdout.slice(stdout.indexOf('{"')));
  if (numTotalTests === 0) throw new Error(`${test} cannot be loaded: ${testResults[0]?.message}`);
  const failed = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .find(({ status }) => status === 'failed');
  return failed && { title: failed.fullName, message: failed.failureMessages[0]?.split('\n', 1)[0] };
}

/** Replaces each of some texts, which must be there once. */
function mutate(source, file, from, to) {
  return from.reduce((text, part, index) => {
    if (source.split(part).length !== 2) throw new Error(`${file} must contain ${part} once`);
    return text.replace(part, () => to[index]);
  }, source);
}

/** Tests in test/e2e run what was built. */
function build() {
  spawnSync('node', ['scripts/build.js'], { stdio: 'ignore' });
}
