/** What starts a server, by kind; undefined where it is not installed. */
export const found: {
  readonly redis: string | undefined;
  readonly valkey: string | undefined;
  /** A folder of programs. */
  readonly postgres: string | undefined;
};

export interface Server {
  readonly url: string;
  readonly port: number;
  /** Starts it again, after kill(). */
  begin(): Promise<Server>;
  /** Ends it as a power cut does; what it had written is there when it begins again. */
  kill(): Promise<void>;
  /** Ends it, and removes its folder. */
  stop(): Promise<void>;
}

/** A port that nobody listens on. */
export function freePort(): Promise<number>;

/** Until somebody listens there. */
export function listening(port: number | string): Promise<void>;

/** Pairs NAME.crt and NAME.key in a folder: ca, server, client (both signed by it), stranger (signs itself). */
export function makeCertificates(folder: string): void;

/** Who is let in, and how. */
export interface Secured {
  readonly password?: string;
  readonly user?: string;
  /** A folder of makeCertificates(). */
  readonly tls?: string;
  /** Whether clients need a certificate. */
  readonly askClients?: boolean;
}

export function startRedis(options?: Secured & { readonly program?: string | undefined }): Promise<Server>;
export function startPostgres(options?: Secured): Promise<Server>;
