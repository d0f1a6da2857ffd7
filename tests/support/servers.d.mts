/** What starts a server, by kind; undefined where it is not installed. */
export const found: { readonly redis: string | undefined; readonly postgres: string | undefined };

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

export function startRedis(options?: { readonly password?: string }): Promise<Server>;
export function startPostgres(): Promise<Server>;
