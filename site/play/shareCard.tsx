// A link that proves itself, files, code, and the race.

import { effect, signal } from '@preact/signals';
import { Card } from './controls';
import { makeFile } from './files';
import type { FileKind, Language } from './messages';
import { picture } from './png';
import { addressOf, ask, lanes, news, pause, playing, proof, race } from './state';

const said = signal('');
/** Whether an ONNX file was just saved. */
const inNetron = signal(false);
const listing = signal<{ readonly language: Language; readonly text?: string; readonly refused?: string } | undefined>(undefined);

// What was said of another experiment, or of an earlier epoch, is not true of this one.
effect(() => {
  void lanes[0].value;
  void playing.value;
  listing.value = undefined;
});

const files: readonly { readonly kind: FileKind | 'png'; readonly title: string; readonly help: string }[] = [
  { kind: 'model', title: 'model', help: 'A .ff file: MLP.load(bytes) goes on where it stands.' },
  { kind: 'onnx', title: 'ONNX', help: 'For onnxruntime and everything that reads ONNX.' },
  { kind: 'module', title: 'JS module', help: 'One file without a dependency: import { predict } from it.' },
  { kind: 'int8', title: 'int8', help: 'Whole numbers: four times smaller, the same on every machine.' },
  { kind: 'png', title: 'PNG', help: 'The network, the map and the losses as one picture.' },
];

const languages: readonly { readonly language: Language; readonly title: string }[] = [
  { language: 'typescript', title: 'TypeScript' },
  { language: 'pytorch', title: 'PyTorch' },
  { language: 'scikit-learn', title: 'scikit-learn' },
  { language: 'keras', title: 'Keras' },
];

function rest(): void {
  if (playing.peek()) pause();
}

async function copy(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    said.value = `${what} copied.`;
  } catch {
    said.value = `This browser does not let pages copy. ${what}: ${text}`;
  }
  news.value = said.value;
}

async function share(): Promise<void> {
  rest();
  const address = await addressOf();
  history.replaceState(null, '', address);
  await copy(address, 'Link');
}

async function download(kind: FileKind | 'png'): Promise<void> {
  rest();
  try {
    const { name, bytes } = kind === 'png' ? { name: 'playground.png', bytes: await picture() } : await makeFile(kind);
    inNetron.value = kind === 'onnx';
    const url = URL.createObjectURL(new Blob([bytes]));
    const anchor = Object.assign(document.createElement('a'), { href: url, download: name });
    anchor.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
    said.value = `${name}: ${bytes.length.toLocaleString('en')} bytes.`;
  } catch (error) {
    said.value = (error as Error).message;
    inNetron.value = false;
  }
}

async function show(language: Language): Promise<void> {
  rest();
  const asked = lanes[0].peek();
  const told = await ask({ what: 'code', language });
  if (lanes[0].peek() === asked && !playing.peek()) listing.value = { language, ...told };
}

export function ShareCard() {
  const racing = lanes[1].value !== undefined;
  const found = proof.value;
  return (
    <Card title="Take it with you" name="share">
      <div class="chips">
        <button type="button" class="cure" onClick={() => void share().catch((error: Error) => (said.value = error.message))}>
          Copy link
        </button>
        {files.map(({ kind, title, help }) => (
          <button key={kind} type="button" class="chip" title={help} onClick={() => void download(kind)}>
            {title}
          </button>
        ))}
        <button
          type="button"
          class="chip"
          title="A second network on the same rows and the same seed: change it, and see which learns better"
          aria-pressed={racing}
          onClick={() => race(!racing)}
        >
          {racing ? 'end the race' : 'race two'}
        </button>
      </div>
      <fieldset class="chips" aria-label="Copy as code">
        {languages.map(({ language, title }) => (
          <button
            key={language}
            type="button"
            class="chip"
            aria-pressed={listing.value?.language === language}
            onClick={() => void show(language)}
          >
            {title}
          </button>
        ))}
      </fieldset>
      {found && <p class={found.kept ? 'proof kept' : 'proof'}>{found.words}</p>}
      {said.value !== '' && <p class="help said">{said.value}</p>}
      {inNetron.value && (
        <p class="help">
          To see its graph:{' '}
          <a href="https://netron.app/" target="_blank" rel="noopener">
            open Netron
          </a>{' '}
          and drop the file on it; a link cannot hand over a file that is on no server. Netron reads it in your browser; its page
          itself comes from the net.
        </p>
      )}
      {listing.value && (
        <div class="listing">
          {listing.value.refused !== undefined ? (
            <p class="bad">{listing.value.refused}</p>
          ) : (
            <>
              <button type="button" class="chip" onClick={() => void copy(listing.value!.text!, 'Code')}>
                copy
              </button>
              <pre tabIndex={0}>
                <code>{listing.value.text!.length > 6000 ? `${listing.value.text!.slice(0, 6000)}\n…` : listing.value.text}</code>
              </pre>
            </>
          )}
          <button type="button" class="chip" onClick={() => (listing.value = undefined)}>
            close
          </button>
        </div>
      )}
    </Card>
  );
}
