// ---- torus: where the state of a module is, on the doughnut, in the flat unit cell and on three rings ----

const AROUND = 40, THROUGH = 18, TUBE = 0.44;

// 32 steps of likeness by 8 of light: the palette of rates over the color of a body that lies in half light.
function shades() {
  const key = String(theme.dark);
  if (shades.key !== key) {
    shades.key = key;
    const body = theme.dark ? [52, 56, 84] : [92, 88, 132];
    shades.table = Array.from({ length: 256 }, (_, at) => {
      const value = Math.floor(at / 8) / 31, light = 0.62 + (0.38 * (at % 8)) / 7, k = 3 * Math.round(255 * (0.15 + 0.85 * value)), much = value ** 1.3;
      return `rgb(${[0, 1, 2].map((c) => Math.round(light * (body[c] + much * (RATE_RAMP[k + c] - body[c])))).join()})`;
    });
  }
  return shades.table;
}

class Torus {
  constructor(root, brain, world) {
    Object.assign(this, { brain, world, yaw: 0.5, pitch: -0.85, trail: [], surface: document.createElement("canvas") });
    this.canvas = root.querySelector(".torus");
    this.flat = root.querySelector(".cell");
    this.rings = root.querySelector(".rings");
    this.listen();
  }
  listen() {
    const { canvas } = this;
    let last = null;
    canvas.addEventListener("pointerdown", (event) => { canvas.setPointerCapture(event.pointerId); last = [event.clientX, event.clientY]; this.held = true; });
    canvas.addEventListener("pointermove", (event) => {
      if (!last) return;
      this.yaw += (event.clientX - last[0]) * 0.01;
      this.pitch = clamp(this.pitch + (event.clientY - last[1]) * 0.01, -Math.PI / 2, Math.PI / 2);
      last = [event.clientX, event.clientY];
    });
    for (const kind of ["pointerup", "pointercancel"]) canvas.addEventListener(kind, () => { last = null; keepAddress(this.world); });
    canvas.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: [-0.12, 0], ArrowRight: [0.12, 0], ArrowUp: [0, -0.12], ArrowDown: [0, 0.12] }[event.key];
      if (!by) return;
      event.preventDefault();
      this.held = true;
      this.yaw += by[0];
      this.pitch = clamp(this.pitch + by[1], -Math.PI / 2, Math.PI / 2);
      keepAddress(this.world);
    });
  }
  forget() { this.trail = []; }
  keep() {
    const phases = this.brain.phases[this.brain.module];
    if (!phases) return;
    this.trail.push({ turns: phases.turns, module: this.brain.module });
    if (this.trail.length > 45) this.trail.shift();
  }
  // From two phases, turns, and a height over the surface (1: on it) to three dimensions.
  point(a, b, height = 1) {
    const u = TAU * a, v = TAU * b, r = TUBE * height;
    return [(1 + r * Math.cos(v)) * Math.cos(u), (1 + r * Math.cos(v)) * Math.sin(u), r * Math.sin(v)];
  }
  turn([x, y, z]) {
    const c = Math.cos(this.yaw), s = Math.sin(this.yaw), [p, q] = [c * x - s * y, s * x + c * y];
    const d = Math.cos(this.pitch), e = Math.sin(this.pitch);
    return [p, d * q - e * z, e * q + d * z];
  }
  draw() {
    const { brain } = this, module = brain.code.modules[brain.module];
    if (!module) return;
    if (!this.held && !this.world.still) this.follow();
    const { pen, width, height } = fitted(this.canvas), scale = Math.min(width, height * 1.12) / 3.15;
    const shown = (point) => { const [x, y, z] = this.turn(point), near = 1 / (1 - 0.12 * z); return [width / 2 + scale * x * near, height / 2 - scale * y * near, z]; };
    this.drawSurface(pen, width, height, shown, this.bump(module));
    this.drawState(pen, shown);
    this.drawCell(module);
    this.drawRings();
  }
  // Left alone it turns slowly, so that the state comes to the front.
  follow() {
    const ahead = wrap((-Math.PI / 2 - this.yaw) / TAU - this.brain.phases[this.brain.module].turns[0]);
    this.yaw += clamp(0.1 * ahead, -0.012, 0.012);
  }
  // How alike the state is to that of each phase, over the surface, from 0 to 1.
  bump(module) {
    const { code } = this.brain, group = code.groups[this.brain.module], { lattice } = module;
    if (this.meshOf !== module) {
      this.meshOf = module;
      this.mesh = Int32Array.from({ length: AROUND * THROUGH }, (_, k) => {
        const a = Math.floor(k / THROUGH) / AROUND, b = (k % THROUGH) / THROUGH;
        return code.binOf(...homeCell(a * lattice[0][0] + b * lattice[1][0], a * lattice[0][1] + b * lattice[1][1], module), module);
      });
    }
    const values = Float32Array.from(this.mesh, (bin) => (bin < 0 ? 0 : group.overlap[bin] / (Math.sqrt(group.squares[bin]) || 1)));
    const low = values.reduce((least, value) => Math.min(least, value), Infinity), high = values.reduce((most, value) => Math.max(most, value), 0);
    return values.map((value) => (value - low) / (high - low || 1));
  }
  // Drawn after each step and at every other frame, and laid down again in between: it is the dearest picture of the page.
  drawSurface(pen, width, height, shown, bump) {
    const { surface } = this, density = this.canvas.width / width;
    this.odd = !this.odd;
    const stepped = this.painted !== this.world.steps;
    this.painted = this.world.steps;
    if (this.odd || stepped || surface.width !== this.canvas.width || surface.height !== this.canvas.height) {
      surface.width = this.canvas.width; surface.height = this.canvas.height;
      const own = surface.getContext("2d");
      own.setTransform(density, 0, 0, density, 0, 0);
      this.paint(own, shown, bump);
    }
    pen.drawImage(surface, 0, 0, width, height);
  }
  paint(own, shown, bump) {
    const points = [];
    for (let a = 0; a < AROUND; a++) for (let b = 0; b < THROUGH; b++) points.push(shown(this.point(a / AROUND, b / THROUGH)));
    const faces = [];
    for (let a = 0; a < AROUND; a++) for (let b = 0; b < THROUGH; b++) {
      const u = (TAU * (a + 0.5)) / AROUND, v = (TAU * (b + 0.5)) / THROUGH;
      const light = this.turn([Math.cos(v) * Math.cos(u), Math.cos(v) * Math.sin(u), Math.sin(v)])[2];
      if (light < -0.1) continue; // the far side of the tube is hidden by the near one
      const next = (a + 1) % AROUND, after = (b + 1) % THROUGH;
      const corners = [points[a * THROUGH + b], points[next * THROUGH + b], points[next * THROUGH + after], points[a * THROUGH + after]];
      faces.push({ corners, depth: corners[0][2] + corners[2][2], light, value: bump[a * THROUGH + b] });
    }
    faces.sort((one, other) => one.depth - other.depth);
    own.lineWidth = 1;
    for (const { corners, light, value } of faces) {
      own.fillStyle = own.strokeStyle = shades()[Math.round(31 * value) * 8 + Math.round(7 * clamp(light, 0, 1))];
      own.beginPath();
      own.moveTo(corners[0][0], corners[0][1]);
      for (let k = 1; k < 4; k++) own.lineTo(corners[k][0], corners[k][1]);
      own.closePath();
      own.fill();
      own.stroke(); // else the paper would show through between faces
    }
  }
  drawState(pen, shown) {
    const trail = this.trail.filter((one) => one.module === this.brain.module);
    pen.lineCap = "round";
    for (let k = 1; k < trail.length; k++) {
      const from = trail[k - 1].turns, over = [0, 1].map((j) => from[j] + wrap(trail[k].turns[j] - from[j]));
      const z = shown(this.point(...from, 1.06))[2], pieces = Math.ceil(16 * Math.hypot(over[0] - from[0], over[1] - from[1])) + 1;
      pen.globalAlpha = (k / trail.length) * (z > -0.15 ? 0.9 : 0.22);
      pen.strokeStyle = "#ffffff";
      pen.lineWidth = 2.2;
      pen.beginPath();
      for (let piece = 0; piece <= pieces; piece++) {
        const s = piece / pieces, [x, y] = shown(this.point(from[0] + s * (over[0] - from[0]), from[1] + s * (over[1] - from[1]), 1.06));
        if (piece) pen.lineTo(x, y); else pen.moveTo(x, y);
      }
      pen.stroke();
    }
    pen.globalAlpha = 1;
    const { turns, lengths } = this.brain.phases[this.brain.module];
    const far = clamp((lengths[0] + lengths[1] + lengths[2]) / 3, 0, 1.6), [x, y, z] = shown(this.point(...turns, 1.06 * far));
    pen.globalAlpha = z > -0.15 ? 1 : 0.45;
    pen.fillStyle = "#ffffff";
    pen.strokeStyle = UNIT_COLORS[0];
    pen.lineWidth = 3;
    pen.beginPath(); pen.arc(x, y, 7, 0, TAU); pen.fill(); pen.stroke();
    pen.globalAlpha = 1;
  }
  // The unit cell laid flat, to scale: each unit where it has its field, as bright as it is now.
  drawCell(module) {
    const { pen, width, height } = fitted(this.flat), { brain } = this, { lattice } = module;
    const corner = ([a, b]) => [a * lattice[0][0] + b * lattice[1][0], a * lattice[0][1] + b * lattice[1][1]];
    const corners = [[0, 0], [1, 0], [1, 1], [0, 1]].map(corner);
    const xs = corners.map((one) => one[0]), ys = corners.map((one) => one[1]);
    const [x0, y0] = [Math.min(...xs), Math.min(...ys)], wide = Math.max(...xs) - x0, high = Math.max(...ys) - y0;
    const scale = Math.min((width - 16) / wide, (height - 16) / high);
    const put = (a, b) => { const [x, y] = corner([a, b]); return [(width - wide * scale) / 2 + (x - x0) * scale, (height + high * scale) / 2 - (y - y0) * scale]; };
    pen.fillStyle = theme.floor;
    pen.strokeStyle = theme.muted;
    pen.lineWidth = 1;
    pen.beginPath();
    [[0, 0], [1, 0], [1, 1], [0, 1]].forEach((one, k) => (k ? pen.lineTo(...put(...one)) : pen.moveTo(...put(...one))));
    pen.closePath(); pen.fill(); pen.stroke();
    const floor = (turn) => turn - Math.floor(turn);
    for (const unit of module.members) {
      const { phase } = brain.about.units[unit];
      if (!phase) continue;
      pen.fillStyle = RATE_CSS[Math.round(255 * clamp(brain.rate(unit, 1), 0, 1))];
      pen.beginPath(); pen.arc(...put(floor(phase[0]), floor(phase[1])), 5.2, 0, TAU); pen.fill();
    }
    const { turns } = brain.phases[brain.module];
    pen.strokeStyle = UNIT_COLORS[0];
    pen.lineWidth = 2.6;
    pen.beginPath(); pen.arc(...put(floor(turns[0]), floor(turns[1])), 8, 0, TAU); pen.stroke();
  }
  drawRings() {
    const { pen, width, height } = fitted(this.rings), { raw, lengths } = this.brain.phases[this.brain.module];
    const farthest = 1.15, radius = (Math.min(width / 6, height / 2 - 8) - 7) / farthest; // dots off the rings have room too
    raw.forEach((turns, wave) => {
      const x = (width * (wave + 0.5)) / 3, y = height / 2 - 8;
      pen.lineWidth = 5;
      PHASE_CSS.forEach((color, k) => {
        pen.strokeStyle = color;
        pen.beginPath(); pen.arc(x, y, radius, (-TAU * (k + 1.15)) / 64, (-TAU * k) / 64); pen.stroke();
      });
      const far = clamp(lengths[wave], 0, farthest), [u, v] = [x + radius * far * Math.cos(TAU * turns), y - radius * far * Math.sin(TAU * turns)];
      pen.strokeStyle = theme.muted;
      pen.lineWidth = 1;
      pen.beginPath(); pen.moveTo(x, y); pen.lineTo(u, v); pen.stroke();
      pen.fillStyle = phaseColor(turns);
      pen.strokeStyle = theme.ink;
      pen.lineWidth = 2;
      pen.beginPath(); pen.arc(u, v, 6, 0, TAU); pen.fill(); pen.stroke();
      pen.fillStyle = theme.muted;
      pen.font = "12px system-ui, sans-serif";
      pen.textAlign = "center";
      pen.fillText(`phase ${wave + 1}`, x, height - 4);
      pen.textAlign = "left";
    });
  }
}
