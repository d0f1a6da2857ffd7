// feedforward/files: files written whole or not at all, for Node.

export * from '../formats/files.js';
