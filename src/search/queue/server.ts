// What a queue needs of a server, whichever it is.

import type { Processor, Queue, QueueEvents, QueueOptions, Worker, WorkerOptions } from 'bullmq';
import type { KeyValues } from './byteStore.js';
import type { Connection } from './connection.js';

/** Options of BullMQ, without those of the connection. */
type Unconnected<Options> = Omit<Options, 'connection'>;

/** A server that has been reached, and the queue in it. */
export interface QueueServerLink {
  readonly values: KeyValues;
  /** Has a function called when the connection fails, until it is there again. */
  troubled(tell: (error: Error) => void): void;
  queue(options: Unconnected<QueueOptions>): Queue;
  events(options: { readonly autorun: boolean; readonly blockingTimeout?: number }): QueueEvents;
  worker(process: Processor, options: Unconnected<WorkerOptions>): Worker;
}

/** Reaches a server. @throws ERR_UNSUPPORTED where a package is missing, ERR_WORKER where it cannot be reached. */
export type OpenServer = (connection: Connection, queue: string) => Promise<QueueServerLink>;
