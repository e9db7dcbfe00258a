// ---- experiments: the plot of error against time ----

const CURVES = [
  { name: "place", words: "distance to the best match", color: () => theme.refuted },
  { name: "modulo", words: "modulo the lattice", color: () => theme.grid },
];

class ErrorPlot {
  constructor(canvas, world) { Object.assign(this, { canvas, world, due: 0 }); }
  draw(now) {
    if (now < this.due) return;
    this.due = now + 60;
    const { pen, width, height } = fitted(this.canvas), left = 40, bottom = height - 22, top = 10, right = width - 8;
    const { brains, steps, marks } = this.world;
    const all = brains.flatMap((brain) => CURVES.flatMap(({ name }) => brain.history[name])).filter(Number.isFinite);
    const most = Math.max(0.5, all.reduce((high, value) => Math.max(high, value), 0)) * 1.05;
    const x = (k, count) => right - ((count - 1 - k) / (HISTORY - 1)) * (right - left), y = (value) => bottom - (value / most) * (bottom - top);
    pen.font = "11px system-ui, sans-serif";
    pen.fillStyle = theme.muted;
    pen.strokeStyle = theme.line;
    pen.lineWidth = 1;
    const tick = [0.1, 0.2, 0.5, 1, 2, 5].find((one) => most / one <= 5) ?? 10;
    for (let value = 0; value <= most; value += tick) {
      pen.beginPath(); pen.moveTo(left, y(value)); pen.lineTo(right, y(value)); pen.stroke();
      pen.textAlign = "right";
      pen.fillText(`${Number(value.toFixed(1))} m`, left - 6, y(value) + 4);
    }
    pen.textAlign = "center";
    for (let back = 0; back < HISTORY; back += 100) pen.fillText(back ? `−${back}${back === 100 * Math.floor((HISTORY - 1) / 100) ? " steps" : ""}` : "now", right - (back / (HISTORY - 1)) * (right - left) - (back ? 0 : 10), height - 5);
    pen.textAlign = "left";
    const ends = []; // of the words in each row: those that would run into others go a row down
    for (const mark of marks) {
      const at = x(0, steps - mark.step + 1);
      if (at < left) continue;
      const wide = pen.measureText(mark.words).width, from = Math.min(at + 4, width - wide - 2);
      const free = ends.findIndex((end) => end < from), row = free < 0 ? ends.length : free;
      ends[row] = from + wide + 4;
      pen.strokeStyle = theme.muted;
      pen.setLineDash([3, 3]);
      pen.beginPath(); pen.moveTo(at, top); pen.lineTo(at, bottom); pen.stroke();
      pen.setLineDash([]);
      pen.fillText(mark.words, from, top + 9 + 13 * row);
    }
    brains.forEach((brain) => CURVES.forEach(({ name, color }) => {
      const values = brain.history[name];
      if (!values.some(Number.isFinite)) return;
      pen.strokeStyle = brains.length > 1 ? BRAIN_COLORS[brain.index] : color();
      pen.globalAlpha = brains.length > 1 && name === "modulo" ? 0.45 : 1;
      pen.lineWidth = 1.7;
      pen.beginPath();
      // Where nothing could be told there is a gap.
      values.forEach((value, k) => (Number.isFinite(values[k - 1]) ? pen.lineTo(x(k, values.length), y(value)) : pen.moveTo(x(k, values.length), y(value))));
      pen.stroke();
      pen.globalAlpha = 1;
    }));
  }
}
