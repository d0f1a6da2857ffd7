import { run } from './xor.js';

const say = (found) => {
  document.querySelector('#result').textContent = JSON.stringify(found);
};
run().then(say, (error) => say({ error: String(error.stack ?? error) }));
