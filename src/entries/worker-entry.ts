// feedforward/worker-entry: the script a worker runs. It answers for one model; WorkerMLP is the other side.

import { serveWorker } from '../worker/serve.js';

serveWorker();
