// Exposes the matrix products to tests, by pointer.

export { checkTile, measureTile } from '../../assembly/kernels/calibrate';
export { biasGradient, chooseTiles, forwardProduct, inputGradient, weightGradient } from '../../assembly/kernels/products';
export {
  packPanels, panelFloats, transposedFloats, transposePanelRange, transposePanels, unpackPanels,
} from '../../assembly/kernels/panels';
