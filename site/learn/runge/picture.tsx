import { computed, signal } from '@preact/signals';
import { Chart, Choice, Controls, figure, Numbers, type Point, Slider, Switch } from '../kit';
import { f, network, type Nodes, nodesOf, points, through } from './numbers';

const degree = signal(10);
const nodes = signal<Nodes>('equal');
const beside = signal(false);

const places = computed(() => nodesOf[nodes.value](degree.value));
const polynomial = computed(() => through(places.value));
const trained = computed(() => (beside.value ? network(places.value) : undefined));

const along = (values: readonly number[]): Point[] => values.map((value, i) => [points[i]!, value]);
const exact = points.map((x): Point => [x, f(x)]);

export default function Picture() {
  const { values, error } = polynomial.value;
  const net = trained.value;
  return (
    <div class="stage">
      <Chart
        x={{ label: 'x', from: -1, to: 1 }}
        y={{ label: 'y', from: -1, to: 2 }}
        ratio={0.55}
        label={`1 / (1 + 25 x squared) and the polynomial of degree ${degree.value} through it at ${nodes.value === 'equal' ? 'equal steps' : "Chebyshev's points"}: off by ${figure(error)} at most.`}
        series={[
          { name: '1 / (1 + 25 x²)', points: exact, tone: 'ink', dashed: true },
          { name: `polynomial of degree ${degree.value}`, points: along(values), tone: 0 },
          {
            name: `its ${degree.value + 1} points`,
            points: places.value.map((x): Point => [x, f(x)]),
            tone: 'ink',
            dots: 'circle',
          },
          ...(net ? [{ name: `network of ${degree.value} tanh units`, points: along(net.values), tone: 1 as const }] : []),
        ]}
      />
      <Controls>
        <Slider label="degree" help="one point more than the degree" of={degree} min={2} max={20} />
        <Choice
          label="through f at"
          help="where the polynomial and the function agree"
          of={nodes}
          options={['equal', 'chebyshev']}
          words={(n) => (n === 'equal' ? 'equal steps' : 'Chebyshev’s points')}
        />
        <Switch label="a network beside it" help="as many tanh units, trained on the same points" of={beside} />
      </Controls>
      <Numbers
        of={[
          { name: 'error', label: 'polynomial, off by at most', value: figure(error), row: [30, 85], strong: true },
          { name: 'network', label: 'network, off by at most', value: net ? figure(net.error) : '–' },
        ]}
      />
    </div>
  );
}
