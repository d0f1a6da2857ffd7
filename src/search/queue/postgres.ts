// A queue on PostgreSQL: BullMQ's tables in the schema bullmq, which it makes and brings up to date itself, and one table of our own,
// feedforward.kept. Queries that meet a server that starts again are asked anew until it answers.

import type { PgPool, Queue, QueueEvents, Worker } from 'bullmq';
import { headLength, type KeyValues } from './byteStore.js';
import { poolAddress } from './connection.js';
import { throughOutages } from './outages.js';
import { load } from './packages.js';
import type { OpenServer } from './server.js';
import { unreachable } from './trouble.js';

/** Milliseconds that a server may take to answer at first. */
const patience = 10_000;

/** "feedf", as a number: who makes the table holds this lock. */
const lock = 0x66656564;

const layout = `
  create schema if not exists feedforward;
  create table if not exists feedforward.kept (
    queue text not null, key text not null, value bytea not null, expires timestamptz not null, primary key (queue, key));
  alter table feedforward.kept alter column value set storage external`;

export const openPostgres: OpenServer = async (connection, queue) => {
  const [{ Queue, QueueEvents, Worker, createPostgresBackend }, { Pool }] = await Promise.all([
    load('bullmq', 'postgres'),
    load('pg', 'postgres'),
  ]);
  const options = { connectionTimeoutMillis: patience, max: 4, ...connection.options, ...poolAddress(connection) };
  const { schema: _, ...ours } = options as typeof options & { readonly schema?: unknown };
  const pool = new Pool(ours);
  pool.on('error', () => undefined); // of a connection that nobody was using
  try {
    await prepare(pool, queue);
  } catch (error) {
    await pool.end();
    throw unreachable(connection, error);
  }
  const own = { connection: { ...options, migrate: true } as never };
  return {
    values: new PostgresValues(pool, queue),
    troubled: (tell) => void pool.on('error', tell),
    queue: (more) => new Queue(queue, { ...more, ...own }, createPostgresBackend as never) as unknown as Queue,
    events: (more) => new QueueEvents(queue, { ...more, ...own }, createPostgresBackend as never) as unknown as QueueEvents,
    worker: (process, more) =>
      new Worker(queue, process, { ...more, ...own }, createPostgresBackend as never) as unknown as Worker,
  };
};

async function prepare(pool: PgPool, queue: string): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query(`select pg_advisory_xact_lock(${lock})`);
    await client.query(layout);
    await client.query('delete from feedforward.kept where queue = $1 and expires < now()', [queue]);
    await client.query('commit');
    client.release();
  } catch (error) {
    client.release(true);
    throw error;
  }
}

class PostgresValues implements KeyValues {
  private closed = false;

  constructor(
    private readonly pool: PgPool,
    private readonly name: string,
  ) {}

  get(keys: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    return this.read('value', keys);
  }

  heads(keys: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    return this.read(`substring(value from 1 for ${headLength})`, keys);
  }

  private async read(what: string, keys: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    const rows = await this.ask<{ key: string; value: Uint8Array }>(
      `select key, ${what} as value from feedforward.kept where queue = $1 and key = any($2) and expires > now()`,
      [this.name, keys],
    );
    const found = new Map(rows.map(({ key, value }) => [key, value]));
    return keys.map((key) => found.get(key));
  }

  async set(key: string, value: Uint8Array, seconds: number): Promise<void> {
    await this.ask(`${insert} on conflict (queue, key) do update set value = excluded.value, expires = excluded.expires`, [
      ...[this.name, key, buffer(value), seconds],
    ]);
  }

  async setOnce(key: string, value: Uint8Array, seconds: number): Promise<boolean> {
    const rows = await this.ask(
      `${insert} on conflict (queue, key) do update set value = excluded.value, expires = excluded.expires
       where kept.expires < now() returning key`,
      [this.name, key, buffer(value), seconds],
    );
    return rows.length > 0;
  }

  async remove(keys: readonly string[]): Promise<void> {
    await this.ask('delete from feedforward.kept where queue = $1 and key = any($2)', [this.name, keys]);
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.pool.end();
  }

  private async ask<Row>(query: string, values: readonly unknown[]): Promise<Row[]> {
    return (
      await throughOutages(
        () => this.pool.query<Row>(query, values),
        () => this.closed,
      )
    ).rows;
  }
}

const insert = `insert into feedforward.kept (queue, key, value, expires) values ($1, $2, $3, now() + $4::double precision * interval '1 second')`;

const buffer = (value: Uint8Array) => Buffer.from(value.buffer, value.byteOffset, value.length);
