// The server of a connection.

import type { Connection } from './connection.js';
import { openPostgres } from './postgres.js';
import { openRedis } from './redis.js';
import type { OpenServer, QueueServerLink } from './server.js';

const servers: Readonly<Record<Connection['kind'], OpenServer>> = { redis: openRedis, postgres: openPostgres };

/** Reaches the server of a queue. @throws ERR_UNSUPPORTED, ERR_WORKER. */
export function reach(connection: Connection, queue: string): Promise<QueueServerLink> {
  return servers[connection.kind](connection, queue);
}
