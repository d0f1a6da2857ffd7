// The pictures of the page as one PNG: the network, the map with its points, and the curve of losses, as they stand.

import { themeColour } from '../theme';

const sharpness = 2;
const margin = 16;

/** An SVG of the page as a picture of its own: what the style sheet says of its lines is written into it. */
async function drawn(svg: SVGSVGElement): Promise<HTMLImageElement> {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  const own = svg.querySelectorAll('path');
  copy.querySelectorAll('path').forEach((path, i) => {
    path.setAttribute('stroke', getComputedStyle(own[i]!).stroke);
    path.setAttribute('fill', 'none');
  });
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  await image.decode();
  return image;
}

/** What a part of the page shows, drawn where it stands, less the offset: canvases, and words in their own type. */
async function paintPart(context: CanvasRenderingContext2D, part: Element, dx: number, dy: number): Promise<void> {
  for (const node of part.querySelectorAll('svg, canvas, .feature, .below')) {
    const { left, top, width, height } = node.getBoundingClientRect();
    if (node instanceof SVGSVGElement) context.drawImage(await drawn(node), left - dx, top - dy, width, height);
    else if (node instanceof HTMLCanvasElement) {
      context.imageSmoothingEnabled = node.width > width;
      context.drawImage(node, left - dx, top - dy, width, height);
    } else {
      const style = getComputedStyle(node);
      context.font = `${style.fontSize} system-ui, sans-serif`;
      context.fillStyle = style.color;
      context.textAlign = 'center';
      context.textBaseline = 'middle';
      context.fillText(node.textContent ?? '', left - dx + width / 2, top - dy + height / 2);
    }
  }
}

/** The page's pictures side by side. @throws where there are none yet. */
export async function picture(): Promise<Uint8Array<ArrayBuffer>> {
  const network = document.querySelector('.network .drawing');
  const right = ['.output .maps', '.loss .plot'].map((name) => document.querySelector(name)).filter((part) => part !== null);
  if (network === null || right.length < 2) throw new Error('There is no picture yet.');
  const boxes = [network, ...right].map((part) => part.getBoundingClientRect());
  const [left, map, losses] = boxes as [DOMRect, DOMRect, DOMRect];
  const canvas = document.createElement('canvas');
  const width = left.width + Math.max(map.width, losses.width) + 3 * margin;
  const height = Math.max(left.height, map.height + losses.height + margin) + 2 * margin;
  canvas.width = width * sharpness;
  canvas.height = height * sharpness;
  const context = canvas.getContext('2d')!;
  context.scale(sharpness, sharpness);
  context.fillStyle = `rgb(${themeColour('--card').join(' ')})`;
  context.fillRect(0, 0, width, height);
  await paintPart(context, network, left.left - margin, left.top - margin);
  const x = left.width + 2 * margin;
  await paintPart(context, right[0]!, map.left - x, map.top - margin);
  await paintPart(context, right[1]!, losses.left - x, losses.top - map.height - 2 * margin);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (blob === null) throw new Error('This browser cannot write a PNG.');
  return new Uint8Array(await blob.arrayBuffer());
}
