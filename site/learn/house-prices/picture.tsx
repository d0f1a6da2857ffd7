import { signal } from '@preact/signals';
import { Chart, Choice, Controls, Dots, figure, Numbers, PlayButtons, player, type Point, Rule, Slider } from '../kit';
import { type House, houses, learner, line } from './numbers';

type Column = keyof House;
const ranges: Record<Column, readonly [number, number]> = { area: [30, 250], rooms: [1, 10], garden: [0, 1200] };
const names: Record<Column, string> = { area: 'area, m²', rooms: 'rooms', garden: 'garden, m²' };
const house = { area: signal(110), rooms: signal(4), garden: signal(200) };
const column = signal<Column>('rooms');

const most = 200;
const straight = line();
let train = learner();
const now = signal(train(0));
const run = player({
  step() {
    now.value = train(run.playing.value ? 2 : 1);
    return now.value.epochs < most;
  },
  reset() {
    train = learner();
    now.value = train(0);
  },
  plays: true,
});

/** Houses as dots; those with the same number of rooms a little apart. */
const seen = (along: Column): Point[] =>
  houses.map((one, i) => [one[along] + (along === 'rooms' ? ((i % 11) - 5) / 20 : 0), one.price]);

const mine = (): House => ({ area: house.area.value, rooms: house.rooms.value, garden: house.garden.value });

export default function Picture() {
  const here = mine();
  const [from, to] = ranges[column.value];
  const places = Array.from({ length: 60 }, (_, i) => from + ((to - from) * i) / 59);
  const others = places.map((value) => ({ ...here, [column.value]: value }));
  const along = (prices: readonly number[]): Point[] => prices.map((price, i) => [places[i]!, price]);
  const [price] = now.value.price([here]);
  const [byLine] = straight.price([here]);
  return (
    <div class="stage">
      <Chart
        x={{ label: names[column.value], from, to }}
        y={{ label: 'thousands', from: 0, to: 1100 }}
        ratio={0.45}
        label={`Prices by ${names[column.value]}: this house is worth ${figure(price!, 0)} thousand to the network, ${figure(byLine!, 0)} to the straight line.`}
        series={[
          { name: 'houses', points: [], tone: 'soft', dots: 'circle' },
          { name: 'the network', points: along(now.value.price(others)), tone: 0 },
          { name: 'a straight line', points: along(straight.price(others)), tone: 1, dashed: true },
          { name: 'your house', points: [[here[column.value], price!]], tone: 2, dots: 'square' },
        ]}
      >
        <Dots points={seen(column.value)} tone="soft" size={2.2} />
        <Rule x={here[column.value]} tone={2} />
      </Chart>
      <Controls>
        <Slider label={names.area} help="how large the house is" of={house.area} min={30} max={250} />
        <Slider label={names.rooms} help="how many rooms it has" of={house.rooms} min={1} max={10} />
        <Slider label={names.garden} help="how large its garden is" of={house.garden} min={0} max={1200} step={20} />
        <Choice
          label="across"
          help="which column the picture goes along"
          of={column}
          options={['area', 'rooms', 'garden'] as Column[]}
        />
        <PlayButtons of={run} stepWords="One epoch" />
      </Controls>
      <Numbers
        of={[
          { name: 'price', label: 'your house, thousands', value: figure(price!, 0), row: 108, strong: true },
          { name: 'line', label: 'by the straight line', value: figure(byLine!, 0) },
          { name: 'r2', label: 'R² of the network', value: figure(now.value.r2), row: 108 },
          { name: 'lineR2', label: 'R² of the line', value: figure(straight.r2) },
          { name: 'epochs', label: 'epochs', value: now.value.epochs },
        ]}
      />
    </div>
  );
}
