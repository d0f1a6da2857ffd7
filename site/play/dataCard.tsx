import { Card, Chip, Slider } from './controls';
import { dataNames, dataOf, featuresFor, withData } from './experiment';
import { drawing } from './outputCard';
import { read, readTable } from './tables';
import { change, experiment } from './state';

/** Which rows there are, and which columns are made of them. */
export function DataCard() {
  const e = experiment.value;
  const { data } = e;
  return (
    <Card title="Data" name="data">
      <fieldset class="chips" aria-label="Data set">
        {dataNames.map(({ kind, title, help }) => (
          <Chip key={kind} on={kind === data.kind} help={help} set={() => change((old) => withData(old, dataOf(kind)))}>
            {title}
          </Chip>
        ))}
      </fieldset>
      <p class="help">
        {dataNames.find(({ kind }) => kind === data.kind)?.help ?? 'Rows of your table: colour is the number to learn.'}
      </p>
      {data.formula !== undefined && (
        <label class="control">
          <span>{data.kind === 'curve' ? 'f(x) =' : 'f(x, y) ='}</span>
          <input
            type="text"
            spellcheck={false}
            maxLength={200}
            value={data.formula}
            onInput={(event) =>
              change((old) => ({ ...old, data: { ...old.data, formula: event.currentTarget.value } }), 'formula')
            }
          />
        </label>
      )}
      {data.kind === 'values' ? null : data.kind === 'points' ? (
        <fieldset class="chips" aria-label="Class of the points you draw">
          {[0, 1, 2].map((label) => (
            <button
              key={label}
              type="button"
              class={`chip class${label}`}
              aria-pressed={drawing.value === label}
              onClick={() => (drawing.value = label)}
            >
              class {label}
            </button>
          ))}
          <button type="button" class="chip" onClick={() => change((old) => ({ ...old, data: { ...old.data, points: [] } }))}>
            clear
          </button>
        </fieldset>
      ) : (
        <>
          <Slider
            label="rows"
            help="How many points there are, held out ones included."
            value={data.samples}
            min={40}
            max={data.kind === 'digits' ? 1797 : 2000}
            step={20}
            set={(samples) => change((old) => ({ ...old, data: { ...old.data, samples } }), 'samples')}
          />
          {data.kind !== 'digits' && (
            <Slider
              label="noise"
              help="How far the points are scattered: with much of it, no net can be right always."
              value={data.noise}
              min={0}
              max={data.kind === 'gaussians' ? 2 : 0.5}
              step={0.01}
              words={(value) => value.toFixed(2)}
              set={(noise) => change((old) => ({ ...old, data: { ...old.data, noise } }), 'noise')}
            />
          )}
        </>
      )}
      <Slider
        label="held out"
        help="Share of the rows that the net never sees: the honest judge."
        value={e.heldOut}
        min={0.1}
        max={0.8}
        step={0.05}
        words={(share) => `${Math.round(100 * share)} %`}
        set={(heldOut) => change({ heldOut }, 'heldOut')}
      />
      <label
        class="control file"
        title="The two columns of numbers that tell most of its classes, or of the number in its last column; nothing leaves this page"
      >
        <span>your own CSV</span>
        <span class="chip">choose a file</span>
        <input
          class="sr"
          type="file"
          accept=".csv,.tsv,.txt,text/csv"
          onChange={(event) => {
            const [file] = event.currentTarget.files ?? [];
            if (file) void readTable(file);
            event.currentTarget.value = '';
          }}
        />
      </label>
      {read.value && (
        <p class="help said" role="status">
          {read.value}
        </p>
      )}
      <h3>Features</h3>
      <fieldset class="chips" aria-label="Features">
        {featuresFor(data).map((name) => (
          <Chip
            key={name}
            on={e.features.includes(name)}
            help={`Whether the net is given ${name}.`}
            set={(on) =>
              change((old) => {
                const features = featuresFor(old.data).filter((other) => (other === name ? on : old.features.includes(other)));
                return features.length === 0 ? old : { ...old, features };
              })
            }
          >
            {name}
          </Chip>
        ))}
      </fieldset>
    </Card>
  );
}
