// ---- units: all of them alive, sorted by module and phase; and the one that was clicked, large ----

class UnitPanel {
  constructor(root, brain, world) {
    this.canvas = root.querySelector(".units");
    this.brain = brain;
    this.world = world;
    this.cells = [];
    this.canvas.addEventListener("click", (event) => {
      const box = this.canvas.getBoundingClientRect(), at = this.find(event.clientX - box.left, event.clientY - box.top);
      if (at !== null) this.choose(at, event.shiftKey || event.ctrlKey || event.metaKey || world.overlay);
    });
    this.canvas.addEventListener("pointermove", (event) => {
      const box = this.canvas.getBoundingClientRect(), at = this.find(event.clientX - box.left, event.clientY - box.top);
      this.canvas.style.cursor = at === null ? "default" : "pointer";
      this.hover = at;
    });
    this.canvas.addEventListener("pointerleave", () => { this.hover = null; });
    this.canvas.addEventListener("keydown", (event) => this.press(event));
  }
  choose(unit, more = false) {
    const { brain } = this;
    if (!more) brain.chosen = [unit];
    else if (brain.chosen.includes(unit)) brain.chosen = brain.chosen.length > 1 ? brain.chosen.filter((one) => one !== unit) : brain.chosen;
    else brain.chosen = [...brain.chosen, unit].slice(-UNIT_COLORS.length);
    const { module } = brain.about.units[unit];
    if (module >= 0) takeModule(brain, module);
    this.world.changed();
  }
  press(event) {
    const flat = this.brain.order.flatMap((group) => group.units), here = flat.indexOf(this.brain.chosen.at(-1));
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: this.across, ArrowUp: -this.across }[event.key];
    if (!by) return;
    event.preventDefault();
    const next = flat[clamp(here + by, 0, flat.length - 1)];
    if (event.shiftKey) { if (!this.brain.chosen.includes(next)) this.choose(next, true); } else this.choose(next);
    say(chosenWords(this.brain));
  }
  find(x, y) {
    const hit = this.cells.find((cell) => x >= cell.x && x < cell.x + this.size && y >= cell.y && y < cell.y + this.size);
    return hit ? hit.unit : null;
  }
  // Where each unit stands; the canvas is as high as they need.
  layOut(width) {
    const groups = this.brain.order, count = groups.reduce((sum, group) => sum + group.units.length, 0);
    const key = `${width}`;
    if (key === this.key) return;
    this.key = key;
    this.across = clamp(Math.round(Math.sqrt(count * 1.25)), 8, Math.max(8, Math.floor(width / 20)));
    this.size = Math.floor((width - 4) / this.across);
    this.cells = [];
    let y = 0;
    for (const group of groups) {
      group.y = y;
      y += 24;
      group.units.forEach((unit, k) => this.cells.push({ unit, x: 2 + (k % this.across) * this.size, y: y + Math.floor(k / this.across) * this.size }));
      y += Math.ceil(group.units.length / this.across) * this.size + 8;
    }
    this.canvas.style.height = `${y}px`;
  }
  draw(share) {
    this.layOut(this.canvas.clientWidth);
    const { pen, width } = fitted(this.canvas), { brain, size } = this, gap = size > 20 ? 3 : 2;
    pen.font = "600 12px system-ui, sans-serif";
    for (const group of brain.order) {
      let x = 0;
      if (group.color) { pen.fillStyle = group.color; pen.beginPath(); pen.arc(6, group.y + 12, 5, 0, TAU); pen.fill(); x = 17; }
      pen.fillStyle = theme.ink;
      pen.fillText(group.name, x, group.y + 16);
      const wide = pen.measureText(group.name).width;
      pen.fillStyle = theme.muted;
      pen.fillText(`${group.note ? `${group.note} · ` : ""}${group.units.length} ${group.units.length === 1 ? "unit" : "units"}`, x + wide + 8, group.y + 16);
    }
    const inner = size - gap;
    for (const { unit, x, y } of this.cells) {
      const rate = brain.rate(unit, share), silenced = brain.isSilenced(unit);
      pen.fillStyle = silenced ? "transparent" : RATE_CSS[Math.round(255 * clamp(rate, 0, 1))];
      pen.beginPath(); pen.roundRect(x, y, inner, inner, 3); pen.fill();
      if (silenced) this.cross(pen, x, y, inner);
      const which = brain.chosen.indexOf(unit);
      if (which >= 0 || this.hover === unit) {
        pen.strokeStyle = which >= 0 ? UNIT_COLORS[which] : theme.ink;
        pen.lineWidth = which >= 0 ? 2.6 : 1.4;
        pen.beginPath(); pen.roundRect(x - 1, y - 1, inner + 2, inner + 2, 4); pen.stroke();
      }
    }
    return width;
  }
  cross(pen, x, y, inner) {
    pen.strokeStyle = theme.refuted;
    pen.lineWidth = 1.4;
    pen.beginPath();
    pen.moveTo(x + 4, y + 4); pen.lineTo(x + inner - 4, y + inner - 4);
    pen.moveTo(x + inner - 4, y + 4); pen.lineTo(x + 4, y + inner - 4);
    pen.stroke();
  }
}

function unitWords(brain, unit) {
  const { name, module, score, spacing, active } = brain.about.units[unit];
  const words = [`Unit ${name}`, module >= 0 ? `module ${module + 1}` : "in no module"];
  if (!active) words.push("silent");
  if (score !== null) words.push(`grid score ${score.toFixed(2)}`);
  if (spacing !== null) words.push(`spacing ${spacing.toFixed(2)} m`);
  return words.join(", ");
}

function chosenWords(brain) {
  const others = brain.chosen.length - 1;
  return `${unitWords(brain, brain.chosen.at(-1))}${others ? `; ${others} more chosen` : ""}`;
}

// The chosen unit: the map that builds up now, the recorded one, their autocorrelogram and numbers.
class UnitDetail {
  constructor(root, brain, world) {
    Object.assign(this, { root, brain, world, due: 0, scored: 0 });
    this.title = root.querySelector(".unit-title");
    this.canvases = Object.fromEntries(["live", "recorded", "correlogram"].map((name) => [name, root.querySelector(`.${name}`)]));
    this.numbers = root.querySelector(".unit-numbers");
    root.querySelector(".silence-unit").addEventListener("click", () => world.toggleSilence(brain));
  }
  draw(now) {
    this.goOn();
    if (now < this.due && this.shown === String(this.brain.chosen)) return;
    const { brain } = this;
    if (this.shown !== String(brain.chosen)) { this.scored = 0; this.work = null; }
    this.shown = String(brain.chosen);
    this.due = now + 150;
    const unit = brain.chosen.at(-1), { live } = brain;
    this.title.textContent = brain.chosen.map((one) => `Unit ${brain.about.units[one].name}`).join(" + ");
    this.root.querySelector(".silence-unit").textContent = brain.isSilenced(unit) ? "Wake it" : "Silence it";
    const maps = brain.chosen.map((one) => live.map(one));
    this.show(this.canvases.live, maps, live.n, live.n, brain.chosen);
    const { shape } = brain.arrays.maps, size = shape[1] * shape[2];
    const recorded = brain.chosen.map((one) => Float64Array.from(brain.arrays.maps.subarray(one * size, (one + 1) * size), (value, k) => (brain.arrays.visited[k] ? value : NaN)));
    this.show(this.canvases.recorded, recorded, shape[1], shape[2], brain.chosen);
    if (now >= this.scored && !this.work) { this.scored = now + 900; this.work = correlate(maps.at(-1), live.n); this.measured = { unit, n: live.n }; }
  }
  // A piece of the autocorrelogram, for a few milliseconds; when it is whole, all that is measured on it.
  goOn() {
    const until = performance.now() + 3;
    while (this.work && performance.now() < until) {
      const { done, value } = this.work.next();
      if (!done) continue;
      this.work = null;
      if (this.measured.n === this.brain.live.n) this.measure(this.measured.unit, value);
    }
  }
  // One unit: its map in the report's colors; several: a color each, added up.
  show(canvas, maps, nx, ny, chosen) {
    const { pen, width, height } = fitted(canvas);
    if (maps.length === 1) {
      const peak = maps[0].reduce((most, value) => (value > most ? value : most), 1e-12);
      pen.imageSmoothingEnabled = false;
      pen.drawImage(picture(maps[0], nx, ny, through(RATE_RAMP, 0, peak)), 0, 0, width, height);
      return;
    }
    const peaks = maps.map((map) => map.reduce((most, value) => (value > most ? value : most), 1e-12));
    const colors = chosen.map((_, k) => [1, 3, 5].map((at) => parseInt(UNIT_COLORS[k].slice(at, at + 2), 16)));
    const index = Float64Array.from(maps[0], (value, k) => (Number.isNaN(value) ? NaN : k));
    pen.fillStyle = theme.floor;
    pen.fillRect(0, 0, width, height);
    pen.drawImage(picture(index, nx, ny, (k, pixels, at) => {
      const shares = maps.map((map, which) => clamp(map[k] / peaks[which], 0, 1) ** 1.5), sum = shares.reduce((a, b) => a + b, 0);
      for (let c = 0; c < 3; c++) pixels[at + c] = sum ? shares.reduce((all, share, which) => all + share * colors[which][c], 0) / sum : 0;
      pixels[at + 3] = 255 * Math.min(1, sum);
    }), 0, 0, width, height);
  }
  measure(unit, correlogram) {
    const { brain, numbers } = this, { live } = brain, { score, spacing, module } = brain.about.units[unit];
    const { pen, width, height } = fitted(this.canvases.correlogram), wide = 2 * live.n - 1;
    pen.imageSmoothingEnabled = false;
    pen.drawImage(picture(correlogram, wide, wide, through(CORRELATION_RAMP, -1, 1)), 0, 0, width, height);
    const found = gridScore(correlogram, live.n);
    const apart = peakSpacing(correlogram, live.n, found.inner) * (live.box / live.n);
    this.found = { score: found.score, spacing: apart };
    const said = (value, digits, unitName = "") => (value === null || !Number.isFinite(value) ? "–" : `${value.toFixed(digits)}${unitName}`);
    const enough = live.covered > 0.4, { visited } = brain.code;
    const recorded = visited.reduce((sum, yes) => sum + yes, 0) / visited.length;
    const rows = [
      ["Grid score", enough ? said(found.score, 2) : "…", said(score, 2)],
      ["Spacing", enough ? said(apart, 2, " m") : "…", said(spacing, 2, " m")],
      ["Seen so far", `${Math.round(100 * live.covered)} %`, `${Math.round(100 * recorded)} %`],
    ];
    const head = `<tr><th scope="col"></th><th scope="col">live</th><th scope="col">recorded</th></tr>`;
    numbers.innerHTML = head + rows.map(([name, ...cells]) => `<tr><th scope="row">${name}</th>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`).join("");
    this.root.querySelector(".unit-note").textContent = module >= 0 ? `Module ${module + 1}` : brain.about.units[unit].active ? "In no module" : "Silent";
  }
}
