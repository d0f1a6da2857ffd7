// Exposes the matrix products to tests, by pointer.

export { biasGradient, chooseTiles, forwardProduct, inputGradient, weightGradient } from '../../assembly/kernels/gemm';
export {
  packPanels, panelFloats, transposedFloats, transposePanelRange, transposePanels, unpackPanels,
} from '../../assembly/kernels/panels';
