'use client';

import { useEffect, useState } from 'react';
import { run } from '../../page/xor.js';

export default function Page() {
  const [found, setFound] = useState('');
  useEffect(() => {
    run().then(
      (result) => setFound(JSON.stringify(result)),
      (error) => setFound(JSON.stringify({ error: String(error.stack ?? error) })),
    );
  }, []);
  return <output id="result">{found}</output>;
}
