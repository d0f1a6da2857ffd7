// Where the queue of a search is: the options of commands that say so, with the files that TLS needs, and no password on the screen.

import { readFile } from 'node:fs/promises';
import { Option, type Command } from 'commander';
import type { QueueServer } from '../search/queue/connection.js';
import { Exit } from './exit.js';
import type { Terminal } from './terminal.js';

/** What these options come to. */
export interface QueueFlags {
  /** true: what the environment says. */
  readonly connection?: string | true;
  readonly cacert?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly queue?: string;
}

/** Where the queue is, for commands that do not say: a password in the environment is seen by fewer than one on a command line. */
export const connectionVariable = 'FEEDFORWARD_CONNECTION';

/** Adds the options of TLS, by the names that redis-cli and curl have for them. */
export function tlsOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--cacert <file>',
        'certificate (PEM) of the authority that signed the certificate of the server, where it is one of your own',
      ),
    )
    .addOption(new Option('--cert <file>', "a client's certificate (PEM), for a server that asks for one"))
    .addOption(new Option('--key <file>', 'the key (PEM) that belongs to --cert'));
}

/** The connection of a command, or of the environment. @throws Exit 2 where there is none, Exit 4 for files that cannot be read. */
export async function connectionOf(flags: QueueFlags, command: string): Promise<string | QueueServer> {
  const { connection: given, cacert, cert, key } = flags;
  // Other users see the words of a command for as long as it runs, unless it has another title.
  if (typeof given === 'string') process.title = `feedforward ${command}`;
  const url = typeof given === 'string' ? given : process.env[connectionVariable];
  if (!url)
    throw new Exit(
      2,
      `${command}: name the queue's server with --connection, such as redis://127.0.0.1:6379, or in ${connectionVariable}.`,
      'ERR_OPTION',
    );
  if (cacert === undefined && cert === undefined && key === undefined) return url;
  if ((cert === undefined) !== (key === undefined))
    throw new Exit(2, `${command}: --cert and --key go together: a certificate, and the key that belongs to it.`, 'ERR_OPTION');
  const plain = /^(redis|valkey):/i.exec(url)?.[1];
  if (plain !== undefined)
    throw new Exit(
      2,
      `${command}: ${plain}:// has no TLS, and so no use for --cacert, --cert and --key. TLS is ${plain}s://.`,
      'ERR_OPTION',
    );
  const files = Object.entries({ ca: cacert, cert, key }).filter(([, path]) => path !== undefined);
  const tls = Object.fromEntries(
    await Promise.all(files.map(async ([name, path]) => [name, await readPem(path!, name === 'ca' ? '--cacert' : `--${name}`)])),
  );
  return { url, options: /^postgres/i.test(url) ? { ssl: tls } : { tls } };
}

async function readPem(path: string, flag: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: Error & { code?: string }) => {
    const why = { ENOENT: 'there is no such file', EISDIR: 'it is a folder' }[error.code ?? ''] ?? error.message;
    throw new Exit(4, `${flag}: cannot read ${path}: ${why}.`, 'ERR_FILE');
  });
  if (text.includes('-----BEGIN ')) return text;
  throw new Exit(3, `${flag}: ${path} is no PEM file: it has no line -----BEGIN …-----.`, 'ERR_FORMAT');
}

/** Milliseconds between two lines about the same trouble. */
const patience = 5000;

/** Tells a terminal of troubles, of each kind now and then. */
export function troubleTeller(terminal: Terminal): (message: string) => void {
  const told = new Map<string, number>();
  return (message) => {
    const now = performance.now();
    if (now - (told.get(message) ?? -Infinity) < patience) return;
    if (told.size > 100) told.clear();
    told.set(message, now);
    terminal.note(message);
  };
}
