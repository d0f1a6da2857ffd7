// Redis and PostgreSQL for tests and benchmarks, as Debian's packages have them: on a free port of this machine, in a folder that goes with them.

import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** What starts a server, by kind; undefined where it is not installed. */
export const found = {
  redis: ['/usr/bin/redis-server', '/usr/bin/valkey-server'].find(existsSync),
  postgres: postgresFolder(),
};

function postgresFolder() {
  const all = '/usr/lib/postgresql';
  const versions = existsSync(all) ? readdirSync(all).sort((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => join(all, version, 'bin')).find((folder) => existsSync(join(folder, 'initdb')));
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Until somebody listens there. */
async function listening(port) {
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

/** Redis with its log on disk, so that it knows after a restart what it knew before. */
export async function startRedis({ password } = {}) {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'feedforward-redis-'));
  const words = ['--port', port, '--bind', '127.0.0.1', '--dir', folder, '--appendonly', 'yes', '--save', ''];
  const secret = password === undefined ? [] : ['--requirepass', password];
  const start = () => spawn(found.redis, [...words, ...secret], { stdio: ['ignore', 'ignore', 'pipe'] });
  const login = password === undefined ? '' : `:${encodeURIComponent(password)}@`;
  return new Server(`redis://${login}127.0.0.1:${port}`, port, folder, start).begin();
}

/** PostgreSQL; for root, who may not run it, as the user postgres. */
export async function startPostgres() {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'feedforward-postgres-'));
  const root = userInfo().uid === 0;
  const as = root ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups', '--'] : [];
  const numberOf = (flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  if (root) chownSync(folder, numberOf('-u'), numberOf('-g'));
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
  const [command, ...rest] = words('postgres', ['-D', join(folder, 'data'), '-p', String(port), ...flags]);
  const start = () => spawn(command, rest, { stdio: ['ignore', 'ignore', 'pipe'], cwd: '/' });
  const server = await new Server(`postgres://postgres@127.0.0.1:${port}/postgres`, port, folder, start).begin();
  // SIGKILL would leave its children and their shared memory: SIGQUIT ends it at once, without writing anything.
  server.end = function (signal) {
    return Server.prototype.end.call(this, signal === 'SIGKILL' ? 'SIGQUIT' : signal);
  };
  return server;
}
