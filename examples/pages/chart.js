// A chart of losses that grows while a network trains: uPlot in the colors of the page, as wide as its place, at most one picture per
// frame. A classic script: lossChart(element) gives { add(log), clear() }.

/* global uPlot */

// biome-ignore lint/correctness/noUnusedVariables: train.js calls it
function lossChart(element) {
  const epochs = [];
  const losses = [];
  const heldOut = [];
  let plot;
  let due = false;

  function make() {
    plot?.destroy();
    const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
    const axis = {
      stroke: color('quiet'),
      grid: { stroke: color('line'), width: 1 },
      ticks: { stroke: color('line'), width: 1 },
    };
    const font = `13px ${getComputedStyle(document.body).fontFamily}`;
    const line = (label, name, dash) => ({
      label,
      stroke: color(name),
      width: 2,
      dash,
      points: { show: false },
      value: (_, value) => value?.toPrecision(3) ?? '–',
    });
    plot = new uPlot(
      {
        width: element.clientWidth,
        height: Math.max(220, Math.min(320, Math.round(element.clientWidth * 0.6))),
        scales: { x: { time: false } },
        axes: [
          { ...axis, font, label: 'epoch', labelFont: font, labelSize: 20, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] },
          { ...axis, font, label: 'loss', labelFont: font, labelSize: 20, size: 56 },
        ],
        series: [
          { label: 'epoch', value: (_, value) => value ?? '–' },
          line('rows it trains on', 'mark'),
          line('rows held out', 'second', [6, 4]),
        ],
      },
      [epochs, losses, heldOut],
      element,
    );
  }

  function draw() {
    due = false;
    if (plot === undefined) make();
    else plot.setData([epochs, losses, heldOut]);
  }
  const soon = () => {
    if (!due) requestAnimationFrame(draw);
    due = true;
  };

  const again = () => plot !== undefined && element.clientWidth > 0 && make();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', again);
  let width = 0;
  new ResizeObserver(() => {
    if (element.clientWidth !== width) again();
    width = element.clientWidth;
  }).observe(element);

  return {
    add({ epoch, loss, valLoss }) {
      epochs.push(epoch);
      losses.push(loss);
      heldOut.push(valLoss ?? null);
      soon();
    },
    clear() {
      for (const list of [epochs, losses, heldOut]) list.length = 0;
      soon();
    },
  };
}
