// The packages that a queue needs, which whoever wants one installs: BullMQ, and the client of the server.

import { FeedforwardError } from '../../errors.js';
import type * as BullMQ from 'bullmq';
import type { Redis } from 'ioredis';

interface Packages {
  readonly bullmq: typeof BullMQ;
  readonly ioredis: { readonly Redis: typeof Redis };
  readonly pg: { readonly Pool: new (options: object) => BullMQ.PgPool };
}

/** What the kinds of servers need. */
const needed = { redis: 'npm install bullmq ioredis', postgres: 'npm install bullmq pg' } as const;

/** A package, by a name that bundlers do not follow: it need not be installed. @throws ERR_UNSUPPORTED. */
export async function load<Name extends keyof Packages>(name: Name, kind: keyof typeof needed): Promise<Packages[Name]> {
  try {
    const loaded = (await import(/* @vite-ignore */ /* webpackIgnore: true */ name)) as Packages[Name] & {
      readonly default?: Packages[Name];
    };
    return name === 'pg' ? (loaded.default ?? loaded) : loaded;
  } catch (error) {
    const { code, message } = error as { readonly code?: string; readonly message: string };
    const why =
      code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND' ? 'is not installed' : `cannot be loaded (${message})`;
    throw new FeedforwardError(
      'ERR_UNSUPPORTED',
      `A search on many machines needs the package ${name}, which ${why}: ${needed[kind]}.`,
    );
  }
}
