// A server that is not there for a while: it starts again, or the network does. What was asked of it is asked anew until it answers.

/** Milliseconds between two tries. */
const pause = 250;

/** Does something that a server is needed for, again and again while it is away. `over` says when to give up. @throws any other error. */
export async function throughOutages<T>(work: () => Promise<T>, over: () => boolean): Promise<T> {
  for (;;)
    try {
      return await work();
    } catch (error) {
      if (over() || !isOutage(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
}

/** Whether a query did not reach the server, or the server was about to stop or had just started. */
export function isOutage(error: unknown): boolean {
  const { code, message = '' } = (error ?? {}) as { readonly code?: string; readonly message?: string };
  return (
    /^(08|57P0[123]|ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)/.test(code ?? '') ||
    /Connection (is closed|terminated)|connection timeout|Client has encountered a connection error/i.test(message)
  );
}
