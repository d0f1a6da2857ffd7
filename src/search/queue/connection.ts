// Where a queue is: a URL, and what its client is told besides. Messages name the server and never what opens it.

import { fail, FeedforwardError, show } from '../../errors.js';
import { checkKeys } from '../../options.js';

/** A server, with options for its client. */
export interface QueueServer {
  /** As for `connection` itself. */
  readonly url: string;
  /** Handed to the client as they are: ioredis's (tls, username, password, sentinels, …) or those of pg's pool (ssl, password, max, …). */
  readonly options?: Readonly<Record<string, unknown>>;
}

/** A connection that has been read. */
export interface Connection {
  readonly kind: 'redis' | 'postgres';
  /** As the client takes it. */
  readonly url: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** What messages call it: protocol, server, database. */
  readonly name: string;
}

/** Protocols of URLs, and what the clients call them. */
const protocols: Readonly<Record<string, readonly [kind: Connection['kind'], as: string]>> = {
  'redis:': ['redis', 'redis:'],
  'rediss:': ['redis', 'rediss:'],
  'valkey:': ['redis', 'redis:'],
  'valkeys:': ['redis', 'rediss:'],
  'postgres:': ['postgres', 'postgres:'],
  'postgresql:': ['postgres', 'postgresql:'],
};

/** Reads the option `connection`. @throws ERR_OPTION, with no word of what was given: it may hold a password. */
export function readConnection(given: unknown, who: string): Connection {
  const { url, options = {} } = typeof given === 'string' ? { url: given } : readServer(given, who);
  if (typeof options !== 'object' || options === null)
    fail('ERR_OPTION', `${who}.connection.options: expected an object of the client's options, got ${show(options)}.`);
  let parsed: URL | undefined;
  try {
    parsed = new URL(url);
  } catch {
    // refused below
  }
  const protocol = protocols[parsed?.protocol ?? ''];
  if (parsed === undefined || protocol === undefined)
    fail(
      'ERR_OPTION',
      `${who}.connection: expected a URL that begins with redis://, rediss:// (TLS), valkey://, valkeys:// or postgres://, such as redis://127.0.0.1:6379.`,
    );
  const [kind, as] = protocol;
  const { host, pathname } = parsed;
  return {
    kind,
    url: as + url.slice(parsed.protocol.length),
    options,
    name: `${parsed.protocol}//${host}${pathname === '/' ? '' : pathname}`,
  };
}

function readServer(given: unknown, who: string): QueueServer {
  if (given === undefined) fail('ERR_OPTION', `${who}.connection: a URL is missing, such as redis://127.0.0.1:6379.`);
  if (typeof given !== 'object' || given === null || !('url' in given) || typeof given.url !== 'string')
    fail('ERR_OPTION', `${who}.connection: expected a URL, or an object { url, options }.`);
  checkKeys(given, ['url', 'options'], `${who}.connection`);
  return given as QueueServer;
}

/** What a client's error says, without what opens the server. Its cause is left out: clients keep the commands they sent in it. */
export function safely(connection: Connection, error: unknown): string {
  const { message, code } = (error ?? {}) as { readonly message?: string; readonly code?: unknown };
  const errors = (error as { readonly errors?: readonly { readonly message?: string }[] } | undefined)?.errors;
  let text = message || errors?.[0]?.message || (typeof code === 'string' ? code : '') || 'it gave no reason';
  for (const secret of secretsOf(connection)) text = text.replaceAll(secret, '…');
  return text.replace(/\.$/, '');
}

function secretsOf({ url, options }: Connection): string[] {
  const { password } = new URL(url);
  const own = options['password'];
  const known = [url, password, decoded(password), typeof own === 'string' ? own : ''];
  return known.filter((secret) => secret.length > 2);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A server that cannot be reached, or does not do what it is asked. */
export function unreachable(connection: Connection, error: unknown): FeedforwardError {
  return new FeedforwardError('ERR_WORKER', `The queue at ${connection.name} cannot be used: ${safely(connection, error)}.`);
}
