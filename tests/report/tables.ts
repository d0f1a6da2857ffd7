// Two small tables that reports are made of: passengers of a ship, and flats for rent. Drawn by a seed, with the gaps and mixtures of real ones.

import { Random } from '../../src/data/random.js';
import { Table } from '../../src/data/table.js';

/** Who survived: text, numbers with gaps, and a chance that depends on three columns. */
export function passengers(rows: number, seed = 1): Table {
  const random = new Random(seed, 'passengers');
  const one = () => {
    const sex = random.below(3) === 0 ? 'female' : 'male';
    const cabin = ['first', 'second', 'third'][random.below(3)]!;
    const age = Math.round(random.between(1, 75));
    const chance = 0.15 + (sex === 'female' ? 0.5 : 0) + (cabin === 'first' ? 0.2 : 0) + (age < 12 ? 0.2 : 0);
    return {
      ...{
        sex,
        cabin,
        age: random.below(8) === 0 ? null : age,
        fare: Math.round(random.between(5, 90) * (cabin === 'first' ? 4 : 1)),
      },
      port: ['Cherbourg', 'Queenstown', 'Southampton <S> & "more"'][random.below(3)]!,
      survived: random.between(0, 1) < chance ? 'yes' : 'no',
    };
  };
  return Table.fromRecords(Array.from({ length: rows }, one));
}

/** What flats cost: numbers, a category, a yes or no, and noise. */
export function flats(rows: number, seed = 1): Table {
  const random = new Random(seed, 'flats');
  const one = () => {
    const size = random.between(20, 140);
    const district = ['harbour', 'centre', 'hills', 'north'][random.below(4)]!;
    const balcony = random.below(2) === 1;
    const rent = 200 + 9 * size * (district === 'centre' ? 1.5 : 1) + (balcony ? 90 : 0) + random.between(-80, 80);
    return { size: Math.round(size), district, balcony, built: 1900 + random.below(120), rent: Math.round(rent) };
  };
  return Table.fromRecords(Array.from({ length: rows }, one));
}
