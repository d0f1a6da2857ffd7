// All that pictures are made of.

export {
  Arrow,
  Axes,
  type Axis,
  Dots,
  Line,
  Mark,
  type Place,
  type Point,
  Rule,
  type Shape,
  type Tone,
  usePlace,
  Words,
} from './axes';
export { Chart, Legend, type Series } from './chart';
export { Action, Choice, Controls, Slider, Switch } from './controls';
export { Handle, Surface } from './drag';
export { gridPoints, type MapOf } from './map';
export { figure, type Figure, fixed, Numbers, percent, Row, scientific } from './numbers';
export { type Player, PlayButtons, player } from './player';
export { themeColour } from '../../theme';
export { isStill, theme } from './theme';
