// The worker's script as text, for where it is at no address that a page may start a worker from: a dev server that does not serve it,
// another origin, a file opened by double click. The build puts it in (scripts/inline-worker.mjs); run from the sources there is none.

export const text: string | undefined = undefined;
