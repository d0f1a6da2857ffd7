// Queues behind TLS and a login, on real servers: what lets a search and its workers in, and what is said, without a password, where it does not.

import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkpointsInMemory } from '../../../src/search/checkpoints.js';
import { here } from '../../../src/search/here.js';
import { bullmq } from '../../../src/search/queue/bullmq.js';
import { readConnection, poolAddress, type QueueServer } from '../../../src/search/queue/connection.js';
import { queueWorker } from '../../../src/search/queue/worker.js';
import { feedforward, program } from '../../support/cli.js';
import { refusal, rejection } from '../../support/errors.js';
import { found, makeCertificates, startPostgres, startRedis, type Server } from '../../support/servers.mjs';
import { functionStudy, jobsOf, moons, ran, same } from './studies.js';

const folder = mkdtempSync(join(tmpdir(), 'feedforward-tls-'));
const pem = (name: string) => readFileSync(join(folder, name), 'utf8');
const file = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(() => makeCertificates(folder));

const user = 'worker';
/** All that has a meaning in a URL. */
const password = "s3cret/@:#?& %41+'x";
const isSecret = /s3cret|%41/;

/** Options of TLS, as each client calls them. */
const encrypted = (kind: string, tls: object) => (kind === 'postgres' ? { ssl: tls } : { tls });

const start = (kind: string, askClients = false) =>
  kind === 'postgres'
    ? startPostgres({ user, password, tls: folder, askClients })
    : startRedis({ user, password, tls: folder, askClients, program: found[kind as 'redis'] });

/** The same server without what lets one in. */
function bare(url: string, ...parts: ('username' | 'password')[]): string {
  const { username, password: secret, protocol, host, pathname } = new URL(url);
  const login = parts.includes('password') ? (parts.includes('username') ? '' : `${username}@`) : `${username}:${secret}@`;
  return `${protocol}//${login}${host}${pathname}`;
}

const refusedBy = async (connection: QueueServer | string) => {
  const error = await rejection(bullmq({ connection }).open(await functionStudy('square'), checkpointsInMemory()));
  expect(JSON.stringify([error.message, error.stack, error])).not.toMatch(isSecret);
  expect(error.cause).toBeUndefined();
  expect(error.code).toBe('ERR_WORKER');
  return error.message;
};

describe.each(['redis', 'valkey', 'postgres'] as const)('a queue on %s behind TLS and a login', (kind) => {
  const missing = found[kind] === undefined;
  let server: Server;
  beforeAll(async () => {
    if (!missing) server = await start(kind);
  }, 60_000);
  afterAll(async () => server?.stop());

  const onServer = (name: string, work: () => Promise<void>) =>
    test(name, async ({ skip }) => {
      if (missing) skip(`there is no ${kind} server here`);
      await work();
    }, 300_000);

  onServer('takes trials and gives their bytes, whether the URL or the options have the login', async () => {
    const study = await moons(20);
    const jobs = await jobsOf(study, 8);
    const alone = same(await ran(here(), study, jobs));
    const ca = pem('ca.crt');
    const ways: Record<string, QueueServer> = {
      url: { url: server.url, options: encrypted(kind, { ca }) },
      password: { url: bare(server.url, 'password'), options: { password, ...encrypted(kind, { ca }) } },
      both: {
        url: bare(server.url, 'username', 'password'),
        options: { [kind === 'postgres' ? 'user' : 'username']: user, password, ...encrypted(kind, { ca }) },
      },
      ...(kind === 'postgres'
        ? {
            certificate: { url: `${server.url}?sslmode=verify-full&sslrootcert=${file('ca.crt')}` },
            function: { url: bare(server.url, 'password'), options: { password: async () => password, ssl: { ca } } },
          }
        : {}),
    };
    for (const [queue, connection] of Object.entries(ways)) {
      const stop = new AbortController();
      const worker = queueWorker({ connection, queue, lockSeconds: 2, signal: stop.signal });
      expect(same(await ran(bullmq({ connection, queue }), study, jobs))).toEqual(alone);
      stop.abort();
      expect((await worker).trials).toBe(8);
    }
  });

  onServer('is reached by the command with --cacert, which takes the password off the list of processes', async () => {
    const study = await moons(20);
    const jobs = await jobsOf(study, 4);
    const words = ['worker', '--connection', server.url, '--cacert', file('ca.crt'), '--queue', 'command'];
    const flags = process.execArgv.filter((flag) => flag.includes('relaxed'));
    const child: ChildProcess = spawn(process.execPath, [...flags, program, ...words], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr!.on('data', (text: Buffer) => {
      said += text.toString();
    });
    const gone = new Promise((resolve) => child.once('exit', resolve));
    try {
      const connection = { url: server.url, options: encrypted(kind, { ca: pem('ca.crt') }) };
      expect(same(await ran(bullmq({ connection, queue: 'command' }), study, jobs))).toEqual(
        same(await ran(here(), study, jobs)),
      );
      expect(said).toMatch(/takes trials from queue command at (rediss|postgres):\/\/127\.0\.0\.1:\d+/);
      expect(said).not.toMatch(isSecret);
      const list = `/proc/${child.pid}/cmdline`;
      if (existsSync(list)) expect(readFileSync(list, 'utf8').replaceAll('\0', ' ').trim()).toBe('feedforward worker');
    } finally {
      child.kill('SIGTERM');
      await gone;
    }
  });

  onServer('says what is wrong with a password, an authority or a protocol, and what to do', async () => {
    const ca = pem('ca.crt');
    const wrong = server.url.replace('s3cret', 's3cret-other');
    expect(await refusedBy({ url: wrong, options: encrypted(kind, { ca }) })).toMatch(
      kind === 'postgres' ? /password authentication failed for user "worker"/ : /WRONGPASS/,
    );
    const authority = /not signed by an authority that is known here: name its certificate with --cacert FILE/;
    expect(await refusedBy({ url: server.url, options: encrypted(kind, { ca: pem('stranger.crt') }) })).toMatch(authority);
    expect(await refusedBy({ url: server.url, options: encrypted(kind, {}) })).toMatch(authority);
    const plain = await refusedBy(server.url.replace(/^rediss/, 'redis'));
    expect(plain).toMatch(kind === 'postgres' ? /no encryption/ : /speaks TLS there does so \(rediss:\/\/\)/);
  });

  onServer('that asks for a certificate takes --cert and --key, and says so where they are missing', async () => {
    const asking = await start(kind, true);
    try {
      const options = (tls: object) => ({ url: asking.url, options: encrypted(kind, { ca: pem('ca.crt'), ...tls }) });
      expect(await refusedBy(options({}))).toMatch(/client's certificate|valid client certificate/);
      const own = options({ cert: pem('client.crt'), key: pem('client.key') });
      await (await bullmq({ connection: own }).open(await functionStudy('square'), checkpointsInMemory())).close();
      const files = ['--cacert', file('ca.crt'), '--cert', file('client.crt'), '--key', file('client.key')];
      const { code, stderr } = await feedforward(['worker', '--connection', asking.url, ...files, '--idle', '0.2'], {
        cwd: folder,
      });
      expect(code, stderr).toBe(0);
    } finally {
      await asking.stop();
    }
  });
});

describe('the command', () => {
  const table = () => {
    const rows = Array.from({ length: 60 }, (_, i) => [i % 13, (7 * i) % 11, (i % 13) * ((7 * i) % 11) > 30 ? 'much' : 'little']);
    writeFileSync(file('table.csv'), `a,b,kind\n${rows.map((row) => row.join(',')).join('\n')}\n`);
    return ['search', 'table.csv', '--target', 'kind', '--trials', '2', '--folds', '2', '--cacert', 'ca.crt'];
  };

  test('that is interrupted, and the page that it writes, say how it was started without its password', async ({ skip }) => {
    if (found.redis === undefined) skip('there is no redis server here');
    const server = await start('redis');
    const words = [...table(), '--connection', server.url, '--report', 'page.html'];
    try {
      const stopped = await feedforward([...words, '-o', 'model.ff'], {
        cwd: folder,
        started: (child) => {
          const look = setInterval(() => {
            if (!existsSync(file('model.ff.search'))) return;
            clearInterval(look);
            setTimeout(() => child.kill('SIGINT'), 300);
          }, 20);
        },
      });
      expect(stopped.code).toBe(130);
      expect(stopped.stderr).toMatch(/same command: feedforward search .*'rediss:\/\/worker:…@127\.0\.0\.1:\d+'/);
      const child = spawn(process.execPath, [program, 'worker', '--connection', server.url, '--cacert', file('ca.crt')], {
        stdio: 'ignore',
      });
      const done = await feedforward([...words, '-o', 'model.ff'], { cwd: folder });
      child.kill('SIGKILL');
      expect(done.code, done.stderr).toBe(0);
      const page = readFileSync(file('page.html'), 'utf8');
      expect(page).toMatch(/rediss:\/\/worker:…@127/);
      expect(stopped.stderr + done.stderr + done.stdout + page).not.toMatch(isSecret);
    } finally {
      await server.stop();
    }
  }, 120_000);

  test('names what is wrong with the files of TLS, or with a connection that is not there', async () => {
    const refused = async (...words: string[]) => {
      const { code, stderr } = await feedforward(words, { cwd: folder });
      expect(stderr).not.toMatch(isSecret);
      return `${code} ${stderr}`;
    };
    const worker = ['worker', '--connection', 'rediss://127.0.0.1:1'];
    expect(await refused(...worker, '--cacert', 'none.crt')).toMatch(
      /^4 .*--cacert: cannot read none\.crt: there is no such file/,
    );
    writeFileSync(file('words.txt'), 'no certificate');
    expect(await refused(...worker, '--cacert', 'words.txt')).toMatch(/^3 .*--cacert: words\.txt is no PEM file/);
    expect(await refused(...worker, '--cert', 'client.crt')).toMatch(/^2 .*--cert and --key go together/);
    expect(await refused('worker', '--connection', 'redis://:s3cret@127.0.0.1:1', '--cacert', 'ca.crt')).toMatch(
      /^2 .*redis:\/\/ has no TLS.*rediss:\/\//,
    );
    expect(await refused(...table(), '-o', 'x.ff')).toMatch(/^2 .*--cacert: needs --connection/);
    expect(await refused(...table(), '-o', 'x.ff', '--connection')).toMatch(/^2 .*FEEDFORWARD_CONNECTION/);
    expect(await refused('search', 'rediss://worker:s3cret@h', '--target', 'y')).toMatch(/^4 .*rediss:\/\/worker:…@h/);
  });
});

describe('a connection to PostgreSQL', () => {
  const addressOf = (url: string, options: object) => poolAddress(readConnection({ url, options }, 'test'));

  test('has from the options what its URL leaves out, and nothing that the URL says', () => {
    const options = { user: 'ann', password: 'p&q', host: 'db', port: 6543, database: 'lab' };
    const { connectionString } = addressOf('postgres://?application_name=x', options) as { connectionString: string };
    const url = new URL(connectionString);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      application_name: 'x',
      user: 'ann',
      password: 'p&q',
      host: 'db',
      port: '6543',
    });
    expect(url.pathname).toBe('/lab');
    expect(addressOf('postgres://bob:s@h:1/d', options)).toEqual({ connectionString: 'postgres://bob:s@h:1/d' });
    const password = () => 'x'; // read by no URL: pg is told the parts
    expect(addressOf('postgres://ann@[::1]:5432/lab', { password })).toMatchObject({ host: '::1', port: '5432' });
    expect(addressOf('postgres://ann@%2Fvar%2Frun/lab', { password })).toMatchObject({ host: '/var/run', database: 'lab' });
  });

  test('is refused where TLS is spoken of twice, or beside a password that is a function', () => {
    const refused = (url: string, options: object) => refusal(() => readConnection({ url, options }, 'test')).message;
    expect(refused('postgres://h/d?sslmode=disable', { ssl: { ca: '' } })).toMatch(
      /the URL has sslmode.*\(ssl\).*in one of them/,
    );
    expect(refused('postgres://h/d?sslrootcert=ca.crt', { password: () => 'x' })).toMatch(/sslrootcert.*options\.ssl/);
  });
});
