// How long what runs may go on once a search has stopped: what does not listen to the signal is given up.

/** Milliseconds that jobs have to stop, before they are given up. */
export const grace = 10_000;

/** Work that was not done in time. */
export const late = Symbol('late');

/** What some work comes to; `late` where it goes on for longer than `grace` after the signal was aborted, whatever becomes of it then. */
export async function inTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T | typeof late> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stop = () => {};
  const tooLate = new Promise<typeof late>((resolve) => {
    stop = () => {
      timer ??= setTimeout(() => resolve(late), grace);
    };
  });
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  try {
    work.catch(() => undefined); // of what was given up nobody waits for the end
    return await Promise.race([work, tooLate]);
  } finally {
    signal.removeEventListener('abort', stop);
    clearTimeout(timer);
  }
}
