// What is wrong with a queue's server, in words, with a way out where there is a usual one, and without what opens the server.

import { FeedforwardError } from '../../errors.js';
import type { Connection } from './connection.js';
import { isOutage } from './outages.js';

const ownCertificate =
  "name one with --cert FILE and --key FILE, in a program as tls.cert and tls.key (of pg: ssl.cert, ssl.key) among the connection's options";

/** What errors of TLS mean, by the beginning of their code or by their message: OpenSSL speaks of its own files. */
const meanings: readonly (readonly [pattern: RegExp, meaning: string])[] = [
  [
    /^(UNABLE_TO_|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED)/,
    "the server's certificate is not signed by an authority that is known here: name its certificate with --cacert FILE, in a program as tls.ca (of pg: ssl.ca) among the connection's options",
  ],
  [/CERTIFICATE_REQUIRED|certificate required/i, `the server asks for a client's certificate: ${ownCertificate}`],
  [/WRONG_VERSION_NUMBER|wrong version number|PACKET_LENGTH_TOO_LONG/i, 'what answers there does not speak TLS'],
];

/** A server that ends a connection without a word, as it does when it is spoken to in another way than it asks for. */
const hangsUp = /ECONNRESET|EPIPE|Connection is closed|Connection terminated|hung up/;

function hint({ kind, url, options }: Connection): string {
  if (/^rediss:/.test(url) || options['tls'] !== undefined || options['ssl'] !== undefined)
    return `; a server that asks for a client's certificate does so (${ownCertificate})`;
  return kind === 'redis'
    ? '; a server that speaks TLS there does so (rediss://), and Redis in protected mode, without a password, to other machines'
    : '';
}

/** What a client's error says, without what opens the server. Its cause is left out: clients keep the commands they sent in it. */
export function safely(connection: Connection, error: unknown): string {
  const { message, code } = (error ?? {}) as { readonly message?: string; readonly code?: unknown };
  const errors = (error as { readonly errors?: readonly { readonly message?: string }[] } | undefined)?.errors;
  const name = typeof code === 'string' ? code : '';
  let text = message || errors?.[0]?.message || name || 'it gave no reason';
  for (const secret of secretsOf(connection)) text = text.replaceAll(secret, '…');
  const known = meanings.find(([pattern]) => pattern.test(name) || pattern.test(text));
  return known?.[1] ?? text.replace(/\.$/, '') + (hangsUp.test(`${name} ${text}`) ? hint(connection) : '');
}

/** What somebody is told of an error that the work goes on after. */
export function troubleOf(connection: Connection, error: unknown): string {
  const text = safely(connection, error);
  return isOutage(error) ? `${connection.name} is away (${text}): waiting for it` : `${connection.name}: ${text}`;
}

/** Names of options, and of parameters of a URL, that hold what opens a server. */
const secretive = /pass|secret|token|^key$/i;

function secretsOf({ url, options }: Connection): string[] {
  const { password, searchParams } = new URL(url);
  const inQuery = [...searchParams].filter(([name]) => secretive.test(name)).map(([, value]) => value);
  const known = [url, password, decoded(password), ...inQuery, ...secretsIn(options, 3)];
  return known.filter((secret) => secret.length > 2);
}

function secretsIn(value: unknown, depth: number): string[] {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || depth === 0) return [];
  return Object.entries(value).flatMap(([name, part]: [string, unknown]) =>
    typeof part === 'string' ? (secretive.test(name) ? [part] : []) : secretsIn(part, depth - 1),
  );
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
