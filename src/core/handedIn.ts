// What others may know of WebAssembly that was handed to init.

export { runsHandedIn } from '../engine/engine.js';
