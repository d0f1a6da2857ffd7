// A queue on Redis or Valkey: one connection for commands, those that BullMQ waits on, and keys of our own beside BullMQ's.

import type { Queue, QueueEvents, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { KeyValues } from './byteStore.js';
import { headLength } from './byteStore.js';
import type { OpenServer, QueueServerLink } from './server.js';
import { load } from './packages.js';
import { unreachable } from './trouble.js';

/** Milliseconds that a server may take to answer at first. */
const patience = 10_000;

export const openRedis: OpenServer = async (connection, queue) => {
  const [{ Queue, QueueEvents, Worker }, { Redis }] = await Promise.all([load('bullmq', 'redis'), load('ioredis', 'redis')]);
  const client = new Redis(connection.url, {
    connectTimeout: patience,
    ...connection.options,
    lazyConnect: true,
    maxRetriesPerRequest: null, // commands wait for a server that starts again
  });
  let last: unknown;
  client.on('error', (error) => {
    last = error;
  });
  try {
    await client.connect();
    await client.ping();
  } catch (error) {
    client.disconnect();
    throw unreachable(connection, last ?? error);
  }
  // BullMQ's types are those of the client that it was built with.
  const shared = { connection: client as never };
  const link: QueueServerLink = {
    values: new RedisValues(client, `feedforward:${queue}:`),
    troubled: (tell) => void client.on('error', tell),
    queue: (options) => new Queue(queue, { ...options, ...shared }) as unknown as Queue,
    events: (options) => new QueueEvents(queue, { ...options, ...shared }) as unknown as QueueEvents,
    worker: (process, options) => new Worker(queue, process, { ...options, ...shared }) as unknown as Worker,
  };
  return link;
};

class RedisValues implements KeyValues {
  constructor(
    private readonly client: Redis,
    private readonly prefix: string,
  ) {}

  async get(keys: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    const values = await this.client.mgetBuffer(...keys.map((key) => this.prefix + key));
    return values.map((value) => value ?? undefined);
  }

  async heads(keys: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    const some = this.client.pipeline();
    for (const key of keys) some.getrangeBuffer(this.prefix + key, 0, headLength - 1);
    const answers = (await some.exec()) ?? [];
    return answers.map(([error, value]) => {
      if (error) throw error;
      return (value as Uint8Array).length === 0 ? undefined : (value as Uint8Array);
    });
  }

  async set(key: string, value: Uint8Array, seconds: number): Promise<void> {
    await this.client.set(this.prefix + key, Buffer.from(value.buffer, value.byteOffset, value.length), 'EX', seconds);
  }

  async setOnce(key: string, value: Uint8Array, seconds: number): Promise<boolean> {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
    return (await this.client.set(this.prefix + key, bytes, 'EX', seconds, 'NX')) === 'OK';
  }

  async remove(keys: readonly string[]): Promise<void> {
    await this.client.unlink(...keys.map((key) => this.prefix + key));
  }

  async close(): Promise<void> {
    this.client.disconnect();
  }
}
