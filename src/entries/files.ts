// feedforward/files: files written whole or not at all, for Node.

export { readFileBytes, writeFileAtomic } from '../formats/files.js';
