// ---- arena: the box, the animal, its trace, what the code takes for here ----

const MOST_STEPS = 4000, SMALLEST = 0.5, LARGEST = 12;

class Arena {
  constructor(canvas, world) {
    this.canvas = canvas;
    this.world = world;
    this.half = 1.1; // of what is in sight, meters; follows the box
    this.layer = document.createElement("canvas"); // trace and dots, drawn once and added to
    this.drawn = 0;
    this.key = "";
    this.forget();
    this.listen();
  }
  forget() { this.path = []; this.drawn = 0; this.key = ""; }
  keep(x, y) {
    const rates = this.world.brains.map((brain) => brain.shown());
    this.path.push({ x, y, rates });
    if (this.path.length > MOST_STEPS) { this.path.splice(0, MOST_STEPS / 4); this.key = ""; }
  }
  get scale() { return Math.min(this.width, this.height) / (2 * this.half); }
  toScreen(x, y) { return [this.width / 2 + x * this.scale, this.height / 2 - y * this.scale]; }
  toWorld(px, py) { return [(px - this.width / 2) / this.scale, (this.height / 2 - py) / this.scale]; }

  draw(share) {
    const { world } = this, { pen, width, height } = fitted(this.canvas);
    Object.assign(this, { width, height });
    const wanted = (world.box / 2) * 1.08;
    this.half = Math.abs(this.half - wanted) < 0.002 * wanted || world.still ? wanted : this.half + 0.18 * (wanted - this.half);
    const [left, top] = this.toScreen(-world.box / 2, world.box / 2), side = world.box * this.scale;
    pen.fillStyle = theme.floor;
    pen.fillRect(left, top, side, side);
    if (world.layers.alike) this.drawAlike(pen, left, top, side);
    this.drawGround(pen);
    if (world.layers.trace) this.drawTrace(pen);
    this.drawWalls(pen, left, top, side);
    if (world.layers.decoded) world.brains.forEach((brain) => this.drawDecoded(pen, brain, share));
    this.drawAnimal(pen, share);
    this.drawScale(pen, left, top + side);
  }
  drawAlike(pen, left, top, side) {
    const brain = this.world.shownBrain;
    if (!brain.code) return;
    const { likeness, n } = brain.code, { top: high, floor } = brain.decoded, [r, g, b] = theme.glow;
    const image = picture(likeness, n, n, (value, pixels, at) => {
      const share = clamp((value - floor) / (high - floor || 1), 0, 1);
      pixels[at] = r; pixels[at + 1] = g; pixels[at + 2] = b; pixels[at + 3] = 235 * share ** 3;
    });
    pen.imageSmoothingEnabled = true;
    pen.drawImage(image, left, top, side, side);
  }
  // A faint mesh of meters, and the box in which the code was recorded.
  drawGround(pen) {
    const { world } = this, half = world.box / 2;
    pen.strokeStyle = theme.line;
    pen.lineWidth = 1;
    pen.globalAlpha = 0.6;
    pen.beginPath();
    for (let at = Math.ceil(-half); at <= half; at++) {
      pen.moveTo(...this.toScreen(at, -half)); pen.lineTo(...this.toScreen(at, half));
      pen.moveTo(...this.toScreen(-half, at)); pen.lineTo(...this.toScreen(half, at));
    }
    pen.stroke();
    pen.globalAlpha = 1;
    const recorded = world.shownBrain.code?.recorded;
    if (recorded && world.box > recorded * 1.02) {
      const [x, y] = this.toScreen(-recorded / 2, recorded / 2);
      pen.setLineDash([5, 5]);
      pen.strokeStyle = theme.muted;
      pen.strokeRect(x, y, recorded * this.scale, recorded * this.scale);
      pen.setLineDash([]);
      pen.fillStyle = theme.muted;
      pen.font = "11px system-ui, sans-serif";
      pen.fillText(`recorded: ${recorded.toFixed(recorded % 1 ? 1 : 0)} m`, x + 5, y + 14);
    }
  }
  drawTrace(pen) {
    const density = this.canvas.width / this.width, { layer } = this, chosen = this.world.shownBrain.chosen;
    const key = [this.canvas.width, this.canvas.height, this.half, theme.ink, this.world.shownBrain.index, chosen].join();
    if (key !== this.key) {
      layer.width = this.canvas.width; layer.height = this.canvas.height;
      this.key = key;
      this.drawn = 0;
    }
    const own = layer.getContext("2d");
    own.setTransform(density, 0, 0, density, 0, 0);
    this.addTrace(own, chosen);
    pen.drawImage(layer, 0, 0, this.width, this.height);
  }
  addTrace(own, chosen) {
    const { path } = this, brain = this.world.shownBrain;
    if (this.drawn >= path.length) return;
    own.strokeStyle = theme.muted;
    own.globalAlpha = 0.35;
    own.lineWidth = 1;
    own.beginPath();
    for (let k = Math.max(1, this.drawn); k < path.length; k++) {
      if (path[k].jump) continue;
      own.moveTo(...this.toScreen(path[k - 1].x, path[k - 1].y));
      own.lineTo(...this.toScreen(path[k].x, path[k].y));
    }
    own.stroke();
    const size = clamp(this.scale * 0.014, 1.4, 4);
    chosen.forEach((unit, which) => {
      own.fillStyle = UNIT_COLORS[which % UNIT_COLORS.length];
      for (let k = this.drawn; k < path.length; k++) {
        const rate = path[k].rates[brain.index][unit] / 255;
        if (rate < 0.3) continue;
        own.globalAlpha = 0.15 + 0.75 * rate * rate;
        own.beginPath();
        own.arc(...this.toScreen(path[k].x, path[k].y), size * (0.6 + 0.6 * rate), 0, TAU);
        own.fill();
      }
    });
    own.globalAlpha = 1;
    this.drawn = path.length;
  }
  drawWalls(pen, left, top, side) {
    pen.strokeStyle = this.world.landmarks === "walls" ? theme.accent : theme.ink;
    pen.lineWidth = 2;
    pen.strokeRect(left, top, side, side);
    if (this.world.fixed) return;
    const [x, y] = [left + side, top + side]; // the corner by which it is dragged
    pen.fillStyle = theme.accent;
    pen.beginPath();
    pen.roundRect(x - 9, y - 9, 18, 18, 5);
    pen.fill();
    pen.strokeStyle = theme.sheet;
    pen.lineWidth = 1.6;
    pen.beginPath();
    pen.moveTo(x - 4, y + 4); pen.lineTo(x + 4, y - 4);
    pen.moveTo(x - 4, y - 1); pen.lineTo(x - 4, y + 4); pen.lineTo(x + 1, y + 4);
    pen.moveTo(x - 1, y - 4); pen.lineTo(x + 4, y - 4); pen.lineTo(x + 4, y + 1);
    pen.stroke();
  }
  place(share) {
    const { walk, was } = this.world;
    return [was.x + share * (walk.x - was.x), was.y + share * (walk.y - was.y)];
  }
  drawDecoded(pen, brain, share) {
    if (!brain.decoded?.told) return;
    const [x, y] = this.toScreen(brain.decoded.x, brain.decoded.y), [ax, ay] = this.toScreen(...this.place(share));
    const color = this.world.brains.length > 1 ? BRAIN_COLORS[brain.index] : theme.refuted;
    pen.strokeStyle = color;
    pen.globalAlpha = 0.8;
    pen.lineWidth = 1.2;
    pen.setLineDash([2, 4]);
    pen.beginPath(); pen.moveTo(ax, ay); pen.lineTo(x, y); pen.stroke();
    pen.setLineDash([]);
    pen.globalAlpha = 1;
    pen.lineWidth = 2.4;
    pen.beginPath(); pen.arc(x, y, 8, 0, TAU); pen.stroke();
    pen.beginPath(); pen.moveTo(x - 12, y); pen.lineTo(x - 4, y); pen.moveTo(x + 4, y); pen.lineTo(x + 12, y);
    pen.moveTo(x, y - 12); pen.lineTo(x, y - 4); pen.moveTo(x, y + 4); pen.lineTo(x, y + 12); pen.stroke();
  }
  // A mouse, seen from above.
  drawAnimal(pen, share) {
    const { walk } = this.world, [x, y] = this.toScreen(...this.place(share));
    let turn = walk.heading - (this.facing ?? walk.heading);
    turn = Math.atan2(Math.sin(turn), Math.cos(turn));
    this.facing = (this.facing ?? walk.heading) + 0.25 * turn;
    pen.save();
    pen.translate(x, y);
    pen.rotate(-this.facing);
    pen.scale(1.15, 1.15);
    pen.lineCap = "round";
    pen.strokeStyle = theme.ink;
    pen.lineWidth = 1.6;
    pen.beginPath(); pen.moveTo(-9, 0);
    pen.bezierCurveTo(-14, -4, -17, 4, -22, 3 * Math.sin(this.world.steps * 0.6));
    pen.stroke();
    pen.fillStyle = theme.ink;
    pen.beginPath(); pen.ellipse(-2, 0, 9, 5.6, 0, 0, TAU); pen.fill();
    pen.beginPath(); pen.ellipse(7, 0, 5.4, 4, 0, 0, TAU); pen.fill();
    for (const side of [-1, 1]) { pen.beginPath(); pen.arc(4.2, 4.2 * side, 2.6, 0, TAU); pen.fill(); }
    pen.fillStyle = theme.sheet;
    for (const side of [-1, 1]) { pen.beginPath(); pen.arc(9, 1.7 * side, 0.8, 0, TAU); pen.fill(); }
    pen.restore();
  }
  drawScale(pen, left, bottom) {
    const length = [5, 2, 1, 0.5, 0.2, 0.1].find((one) => one <= 0.3 * this.world.box), wide = length * this.scale;
    pen.fillStyle = theme.ink;
    pen.fillRect(left + 12, bottom - 16, wide, 3);
    pen.font = "12px system-ui, sans-serif";
    pen.fillText(`${length} m`, left + 12, bottom - 22);
  }

  // Mouse and touch steer; the corner resizes.
  listen() {
    const { canvas, world } = this;
    const spot = (event) => { const box = canvas.getBoundingClientRect(); return [event.clientX - box.left, event.clientY - box.top]; };
    const onCorner = ([px, py]) => {
      const [x, y] = this.toScreen(world.box / 2, -world.box / 2);
      return !world.fixed && Math.hypot(px - x, py - y) < 22;
    };
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      const at = spot(event);
      if (onCorner(at)) this.pulled = { at, box: world.box };
      else if (!world.fixed) world.steer(this.toWorld(...at));
    });
    canvas.addEventListener("pointermove", (event) => {
      const at = spot(event);
      canvas.style.cursor = onCorner(at) ? "nwse-resize" : world.fixed ? "default" : "crosshair";
      if (this.pulled) {
        const out = (at[0] - this.pulled.at[0] + at[1] - this.pulled.at[1]) / (0.5 * this.width);
        world.resize(this.pulled.box * 2 ** (1.6 * out));
      } else if (event.buttons && world.walk.target) world.steer(this.toWorld(...at));
    });
    const end = () => { this.pulled = null; world.steer(null); };
    canvas.addEventListener("pointerup", end);
    canvas.addEventListener("pointercancel", end);
    canvas.addEventListener("keydown", (event) => {
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      if (!["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "w", "a", "s", "d"].includes(key) || event.ctrlKey || event.metaKey || world.fixed) return;
      event.preventDefault();
      world.press(key);
    });
    canvas.addEventListener("keyup", (event) => world.walk.keys.delete(event.key.length === 1 ? event.key.toLowerCase() : event.key));
    canvas.addEventListener("blur", () => world.walk.keys.clear());
  }
}
const BRAIN_COLORS = ["#3b7dd8", "#d0702a"];
