// comlink ships its ES modules without types that an ES module can find.

declare module 'comlink/dist/esm/node-adapter.mjs' {
  import type { Endpoint } from 'comlink';

  export interface NodeEndpoint {
    postMessage(message: unknown): void;
    on(type: 'message', listener: (value: unknown) => void): unknown;
    off(type: 'message', listener: (value: unknown) => void): unknown;
  }
  export default function nodeEndpoint(port: NodeEndpoint): Endpoint;
}

declare module 'comlink/dist/esm/comlink.mjs' {
  export * from 'comlink';
}
