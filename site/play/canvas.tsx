// Pictures of the worker on canvases.

import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Picture } from './messages';

/** Small pixels, drawn as they are and enlarged by the browser. */
export function Pixels({ picture, label, class: name }: { picture: Picture; label?: string; class?: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d');
    context?.putImageData(new ImageData(picture.pixels, picture.width, picture.height), 0, 0);
  }, [picture]);
  return (
    <canvas
      ref={canvas}
      class={name}
      width={picture.width}
      height={picture.height}
      {...(label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label })}
    />
  );
}

export const classColours = ['--class0', '--class1', '--class2', '--class3'] as const;
