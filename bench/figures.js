// The figures that the text of docs/performance.md names, by their names there.
import { goalRows } from './goals.js';
import { lockTimes } from './relay/goodput.js';
import { figure, table } from './table.js';

/** What Slack sends one workspace at most: 30,000 events an hour. */
const eventsOfAWorkspace = 30_000 / 3_600;

/** @returns {Readonly<Record<string, string>>} */
export function figures({ machine, seconds, results }) {
  return {
    ...machineFigures(machine),
    ...capacityFigures(results),
    ...journalFigures(results.journals),
    'lock-held': String(lockTimes.held),
    'lock-free': String(lockTimes.free.sqlite),
    minutes: String(Math.ceil(seconds / 60)),
    goals: table(['what', 'goal', 'measured', 'met'], goalRows(results)),
  };
}

function machineFigures({ cpu, cores, memoryGb, kernel, disk, load, node, programs }) {
  const versions = Object.entries(programs).map(([name, version]) => `${name} ${version}`);
  return {
    machine: `${cpu}, ${cores} cores, ${memoryGb} GB of memory, Linux ${kernel}, ${disk}`,
    load: load.toFixed(1),
    versions: [`Node ${node}`, ...versions].join(', '),
  };
}

function capacityFigures({ serve, events, relay, replicas, queue }) {
  const command = serve.loads.find(({ load, server }) => load === 'command' && server === 'serve');
  const start = serve.starts.find(({ server }) => server === 'serve');
  const relayed = relay.proxies.find(({ name }) => name === 'relay');
  const onPostgres = replicas.loads.find(({ load, replicas: count }) => load === 'command' && count === 1);
  const stored = events.servers.find(({ name }) => name === 'serve').perSecond.median;
  const longest = queue.at(-1);
  return {
    'commands-per-core': rounded(command.perCpuSecond),
    'relayed-per-core': rounded(relayed.perCpuSecond.median),
    'relayed-on-postgresql': rounded(onPostgres.perSecond.median),
    'serve-cpu-on-postgresql': figure(onPostgres.serveMs.median),
    'postgresql-cpu': figure(onPostgres.postgresMs.median),
    'events-per-second': rounded(stored),
    workspaces: rounded(stored / eventsOfAWorkspace),
    'memory-at-start': String(Math.round(start.atFirst200)),
    'memory-after-load': String(Math.round(start.afterLoad)),
    'longest-queue': longest.waiting.toLocaleString('en'),
    'longest-queue-memory': String(longest.memory),
    'longest-queue-file': longest.file.toLocaleString('en'),
    'delivery-cpu': figure(longest.delivery.cpu),
    'deliveries-per-core': rounded(1_000 / longest.delivery.cpu),
  };
}

function journalFigures({ libsql, nodes }) {
  const ratios = nodes.flatMap(({ groups }) => groups.map(({ ratio }) => ratio.ratio));
  return {
    'libsql-sqlite': libsql,
    'least-wal-ratio': figure(Math.min(...ratios)),
    'largest-wal-ratio': figure(Math.max(...ratios)),
  };
}

/** Two significant digits: nobody sizes by more. */
function rounded(value) {
  const digits = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1);
  return (Math.floor(value / digits) * digits).toLocaleString('en');
}
