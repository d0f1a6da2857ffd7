// Redis and PostgreSQL for tests and benchmarks, as Debian's packages have them: on a free port of this machine, in a folder that goes with them.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** What starts a server, by kind; undefined where it is not installed. */
export const found = {
  redis: ['/usr/bin/redis-server', '/usr/bin/valkey-server'].find(existsSync),
  valkey: ['/usr/bin/valkey-server'].find(existsSync),
  postgres: postgresFolder(),
};

function postgresFolder() {
  const all = '/usr/lib/postgresql';
  const versions = existsSync(all) ? readdirSync(all).sort((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => join(all, version, 'bin')).find((folder) => existsSync(join(folder, 'initdb')));
}

/** A port that nobody listens on. */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Until somebody listens there. */
export async function listening(port) {
  for (let tries = 0; tries < 400; tries++) {
    const open = await new Promise((resolve) => {
      const socket = createConnection({ port, host: '127.0.0.1' }, () => resolve(true) || socket.destroy());
      socket.on('error', () => resolve(false));
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nobody listens on port ${port}`);
}

/** Until PostgreSQL does more than listen: while it starts up it sends everybody away. */
async function answering(port) {
  for (let tries = 0; tries < 400; tries++) {
    const words = ['-q', '-h', '127.0.0.1', '-p', String(port)];
    if (spawnSync(join(found.postgres, 'pg_isready'), words, { cwd: '/' }).status === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`PostgreSQL at port ${port} does not start up`);
}

class Server {
  constructor(url, port, folder, start) {
    Object.assign(this, { url, port, folder, start, process: undefined });
  }

  async begin() {
    this.process = this.start();
    this.process.stderr.resume();
    await listening(this.port);
    return this;
  }

  /** Ends it as a power cut does. */
  async kill() {
    await this.end('SIGKILL');
  }

  async end(signal) {
    const { process } = this;
    if (process.exitCode !== null || process.signalCode !== null) return;
    const gone = new Promise((resolve) => process.once('exit', resolve));
    process.kill(signal);
    await gone;
  }

  async stop() {
    await this.end('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/**
 * Files for TLS in a folder, by openssl: an authority of its own (ca), what it signed for a server and for a client, and an authority that nobody
 * else knows (stranger). Each is a pair NAME.crt, NAME.key.
 */
export function makeCertificates(folder) {
  const openssl = (...words) => execFileSync('openssl', words, { cwd: folder, stdio: 'ignore' });
  const pair = (name, ...more) =>
    openssl(
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', `/CN=${name}`],
      ...['-keyout', `${name}.key`, '-out', `${name}.crt`, ...more],
    );
  pair('ca');
  pair('stranger');
  const signed = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-addext', 'basicConstraints=critical,CA:FALSE'];
  pair('server', ...signed, '-addext', 'subjectAltName=IP:127.0.0.1');
  pair('client', ...signed);
}

/** What a user of Redis may do who runs trials: BullMQ's keys and ours, and no commands that are for operators. */
const permissions = ['~bull:*', '~feedforward:*', '+@all', '-@dangerous', '+info'];

/**
 * Redis (or `program`) with its log on disk, so that it knows after a restart what it knew before. `tls` is a folder of makeCertificates(); with
 * `user` there is that user alone, with `askClients` a client needs a certificate.
 */
export async function startRedis({ password, user, tls, askClients = false, program = found.redis } = {}) {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'feedforward-redis-'));
  const secured = (name) => [`--tls-${name}-file`, join(tls, `server.${name === 'key' ? 'key' : 'crt'}`)];
  const words = [
    ...(tls === undefined
      ? ['--port', port]
      : ['--port', '0', '--tls-port', port, ...secured('cert'), ...secured('key'), '--tls-ca-cert-file', join(tls, 'ca.crt')]),
    ...(tls === undefined ? [] : ['--tls-auth-clients', askClients ? 'yes' : 'no']),
    ...['--bind', '127.0.0.1', '--dir', folder, '--appendonly', 'yes', '--save', ''],
    ...(user === undefined ? [] : ['--user', 'default', 'off', '--user', user, 'on', `>${password}`, ...permissions]),
    ...(user === undefined && password !== undefined ? ['--requirepass', password] : []),
  ];
  const start = () => spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'] });
  const login = password === undefined ? '' : `${user ?? ''}:${encodeURIComponent(password)}@`;
  return new Server(`redis${tls === undefined ? '' : 's'}://${login}127.0.0.1:${port}`, port, folder, start).begin();
}

/**
 * PostgreSQL; for root, who may not run it, as the user postgres. With `tls`, a folder of makeCertificates(), it lets nobody in but `user`, who owns the
 * database lab, by TLS and `password`, with `askClients` by a certificate as well.
 */
export async function startPostgres({ password, user, tls, askClients = false } = {}) {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'feedforward-postgres-'));
  const root = userInfo().uid === 0;
  const as = root ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups', '--'] : [];
  const numberOf = (flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  const give = (path) => root && chownSync(path, numberOf('-u'), numberOf('-g'));
  give(folder);
  const words = (program, more) => [...as, join(found.postgres, program), ...more];
  const [initdb, ...setup] = words('initdb', [
    '-D',
    join(folder, 'data'),
    '-A',
    'trust',
    '-U',
    'postgres',
    '--no-sync',
    '-E',
    'UTF8',
    '--no-locale',
  ]);
  execFileSync(initdb, setup, { stdio: 'ignore', cwd: '/' });
  const flags = [
    '-c',
    'fsync=off',
    '-c',
    'unix_socket_directories=',
    '-c',
    'listen_addresses=127.0.0.1',
    '-c',
    'max_connections=60',
  ];
  if (tls !== undefined) {
    for (const name of ['server.crt', 'server.key', 'ca.crt']) {
      const path = join(folder, name);
      writeFileSync(path, readFileSync(join(tls, name)), { mode: 0o600 });
      give(path);
    }
    const asked = askClients ? ' clientcert=verify-ca' : '';
    const hosts = `hostssl all ${user} 127.0.0.1/32 scram-sha-256${asked}\nhostssl postgres postgres 127.0.0.1/32 trust\n`;
    writeFileSync(join(folder, 'hosts.conf'), hosts, { mode: 0o644 });
    for (const [name, file] of Object.entries({ cert: 'server.crt', key: 'server.key', ca: 'ca.crt' }))
      flags.push('-c', `ssl_${name}_file=${join(folder, file)}`);
    flags.push('-c', 'ssl=on', '-c', `hba_file=${join(folder, 'hosts.conf')}`);
  }
  const [command, ...rest] = words('postgres', ['-D', join(folder, 'data'), '-p', String(port), ...flags]);
  const start = () => spawn(command, rest, { stdio: ['ignore', 'ignore', 'pipe'], cwd: '/' });
  const server = await new Server(`postgres://postgres@127.0.0.1:${port}/postgres`, port, folder, start).begin();
  // SIGKILL would leave its children and their shared memory: SIGQUIT ends it at once, without writing anything.
  server.end = function (signal) {
    return Server.prototype.end.call(this, signal === 'SIGKILL' ? 'SIGQUIT' : signal);
  };
  await answering(port);
  if (tls !== undefined) {
    const ask = (query) =>
      execFileSync(join(found.postgres, 'psql'), ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres', '-c', query], {
        stdio: 'ignore',
        cwd: '/',
      });
    ask(`create role ${user} login password '${password.replaceAll("'", "''")}'`);
    ask(`create database lab owner ${user}`);
    server.url = `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/lab`;
  }
  return server;
}
