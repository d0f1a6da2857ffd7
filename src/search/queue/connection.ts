// Where a queue is: a URL, and what its client is told besides. Messages name the server and never what opens it.

import { fail, show } from '../../errors.js';
import { checkKeys } from '../../options.js';

/** A server, with options for its client. */
export interface QueueServer {
  /** As for `connection` itself. */
  readonly url: string;
  /**
   * Handed to the client as they are: ioredis's (tls, username, password, sentinels, …) or those of pg's pool (ssl, user, password, max, …).
   * What the URL says comes first. A private authority's certificate is tls.ca of ioredis, ssl.ca of pg.
   */
  readonly options?: Readonly<Record<string, unknown>>;
}

/** A connection that has been read. */
export interface Connection {
  readonly kind: 'redis' | 'postgres';
  /** As the client takes it, with the login that the options add to it. */
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
  if (kind === 'postgres') checkEncryption(parsed, options, who);
  return {
    kind,
    url: as + withLogin(parsed, kind, options).slice(parsed.protocol.length),
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

// ---- what a URL leaves out -----------------------------------------------------------------------------------------------------

/**
 * A URL with what it leaves out and the options say in text. Clients take a name without a password, and pg all that a URL leaves out, for
 * nothing at all, whatever their options say.
 */
function withLogin(parsed: URL, kind: Connection['kind'], options: QueueServer['options'] = {}): string {
  const said = (name: string) => {
    const value = options[name];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  };
  const url = new URL(parsed.href);
  if (kind === 'redis') {
    if (url.username !== '' && url.password === '') url.password = encodeURIComponent(said('password'));
    else if (url.username === '' && url.password !== '') url.username = encodeURIComponent(said('username'));
    return url.href;
  }
  const { username: user, password, hostname: host, port } = parsed;
  for (const [name, inUrl] of Object.entries({ user, password, host, port }))
    if (inUrl === '' && !url.searchParams.has(name) && said(name) !== '') url.searchParams.set(name, said(name));
  if (url.pathname.length < 2 && said('database') !== '') url.pathname = `/${encodeURIComponent(said('database'))}`;
  return url.href;
}

/** What pg reads of TLS in a URL. */
const encryption = /^(ssl|sslmode|sslcert|sslkey|sslrootcert|sslnegotiation|uselibpqcompat)$/;

/** pg forgets options.ssl over what a URL says of TLS, and a password that is a function over any URL. */
function checkEncryption({ searchParams }: URL, { ssl, password }: Readonly<Record<string, unknown>>, who: string): void {
  const inUrl = [...searchParams.keys()].find((name) => encryption.test(name));
  if (inUrl === undefined) return;
  if (ssl !== undefined)
    fail(
      'ERR_OPTION',
      `${who}.connection: the URL has ${inUrl}, and there are options of TLS beside it (ssl): say all of it in one of them.`,
    );
  if (typeof password === 'function')
    fail(
      'ERR_OPTION',
      `${who}.connection: the URL has ${inUrl}, and options.password is a function: say what TLS needs in options.ssl.`,
    );
}

/** What pg's pool is told: the URL, or the parts of it where a password that is a function goes with them. */
export function poolAddress({ url, options }: Connection): Readonly<Record<string, unknown>> {
  const { username, password, hostname: host, port, pathname, searchParams } = new URL(url);
  if (typeof options['password'] !== 'function' || password !== '' || searchParams.has('password'))
    return { connectionString: url };
  const parts = {
    user: decodeURIComponent(username),
    host: decodeURIComponent(host.replace(/^\[(.+)\]$/, '$1')),
    port,
    database: decodeURI(pathname.slice(1)),
  };
  return { ...Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== '')), ...Object.fromEntries(searchParams) };
}
