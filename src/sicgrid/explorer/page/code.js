// ---- code: what a state says about place, by comparing it with the states that were recorded ----

const SIDE = 60; // places across the arena at most, at which the state is looked for

// Groups of units: each module, then those of none. A module's states repeat with its lattice, so that beyond the
// recorded box each place stands for the one in the box that differs from it by lattice vectors.
class Code {
  constructor(about, arrays) {
    const [units, nx, ny] = arrays.maps.shape;
    Object.assign(this, { nx, ny, units, x: about.x, y: about.y });
    this.recorded = Math.max(about.x[1] - about.x[0], about.y[1] - about.y[0]);
    this.visited = arrays.visited;
    this.modules = about.modules.map((one, index) => ({
      ...one,
      readout: arrays[`readout${index}`],
      lattice: inverse(one.waves),
      members: about.units.flatMap((unit, k) => (unit.module === index ? [k] : [])),
    }));
    const rest = about.units.flatMap((unit, k) => (unit.module < 0 && unit.active ? [k] : []));
    this.groups = [...this.modules.map((one) => one.members), rest].map((members) => this.group(members, arrays));
    this.nearest = nearestVisited(this.visited, nx, ny);
    this.settle(this.recorded);
  }

  // Recorded states of some units, a row a bin, and last their mean over the box.
  group(members, arrays) {
    const bins = this.nx * this.ny, states = new Float32Array((bins + 1) * members.length), squares = new Float32Array(bins + 1);
    const known = this.visited.reduce((sum, yes) => sum + yes, 0);
    members.forEach((unit, k) => {
      const scale = arrays.peak[unit] / 255;
      for (let bin = 0; bin < bins; bin++) {
        const value = scale * arrays.maps[unit * bins + bin];
        states[bin * members.length + k] = value;
        squares[bin] += value * value;
        states[bins * members.length + k] += value / known;
      }
      squares[bins] += states[bins * members.length + k] ** 2;
    });
    return { members, states, squares, overlap: new Float32Array(bins + 1), places: null };
  }

  // The places of a box of this side, and for each group the recorded bin that each of them stands for. In a box larger
  // than the recorded one all places are stood for in the same way, so that none looks likelier for having been recorded.
  settle(box) {
    this.box = box;
    this.n = clamp(Math.round(box / BIN), 10, SIDE);
    const { n } = this, last = this.groups.length - 1;
    const beyond = box > 1.001 * this.recorded;
    this.groups.forEach((group, index) => { group.places = this.standIns(index < last ? this.modules[index] : null, beyond); });
    // A group tells one place from another only where it stands for places by different states.
    for (const group of this.groups) {
      const first = group.places.find((bin) => bin >= 0);
      group.tells = group.places.some((bin) => bin >= 0 && bin !== first);
    }
    this.norms = new Float32Array(n * n);
    for (let place = 0; place < n * n; place++) {
      let sum = 0;
      for (const { places, squares } of this.groups) if (places[place] >= 0) sum += squares[places[place]];
      this.norms[place] = sum > 0 ? 1 / Math.sqrt(sum) : 0;
    }
    this.likeness = new Float32Array(n * n);
  }
  standIns(module, beyond) {
    const { n } = this, places = new Int32Array(n * n);
    if (beyond && !module) return places.fill(this.modules.length ? this.nx * this.ny : -1);
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) {
      const place = [this.middle(i), this.middle(j)];
      places[i * n + j] = this.binOf(...(beyond ? homeCell(...place, module) : place), module);
    }
    return places;
  }
  middle(index) { return ((index + 0.5) / this.n - 0.5) * this.box; }
  binOf(x, y, module) {
    const inside = (a, b) => a >= this.x[0] && a <= this.x[1] && b >= this.y[0] && b <= this.y[1];
    if (!inside(x, y)) {
      if (!module) return -1;
      [x, y] = homeCell(x, y, module);
      if (!inside(x, y)) return -1;
    }
    const i = clamp(Math.floor(((x - this.x[0]) / (this.x[1] - this.x[0])) * this.nx), 0, this.nx - 1);
    const j = clamp(Math.floor(((y - this.y[0]) / (this.y[1] - this.y[0])) * this.ny), 0, this.ny - 1);
    return this.nearest[i * this.ny + j];
  }

  // The cosine between a state and that of each place.
  compare(state) {
    for (const group of this.groups) {
      const { members, states, overlap } = group, count = members.length, own = members.map((unit) => state[unit]);
      for (let bin = 0, at = 0; bin < overlap.length; bin++) {
        let sum = 0;
        for (let k = 0; k < count; k++, at++) sum += own[k] * states[at];
        overlap[bin] = sum;
      }
    }
    const { likeness, norms } = this;
    likeness.fill(0);
    const told = this.groups.some(({ tells, members }) => tells && members.some((unit) => state[unit] !== 0));
    if (!told) return { told, x: NaN, y: NaN, top: 0, floor: 0, alike: 0 };
    for (const { places, overlap, members } of this.groups) {
      if (members.length) for (let place = 0; place < likeness.length; place++) if (places[place] >= 0) likeness[place] += overlap[places[place]];
    }
    const length = Math.hypot(...state) || 1;
    for (let place = 0; place < likeness.length; place++) likeness[place] *= norms[place] / length;
    return this.judged(likeness);
  }

  // The best place, how well it fits, and the places that are nearly as good: peaks over four fifths of the range.
  judged(likeness) {
    let best = 0, sum = 0;
    for (let place = 0; place < likeness.length; place++) { sum += likeness[place]; if (likeness[place] > likeness[best]) best = place; }
    const { n } = this, top = likeness[best], floor = sum / likeness.length, bar = floor + 0.8 * (top - floor);
    let alike = 0;
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) {
      const value = likeness[i * n + j];
      if (value < bar) continue;
      let peak = true;
      for (let di = -2; di <= 2 && peak; di++) for (let dj = -2; dj <= 2; dj++) {
        const [a, b] = [i + di, j + dj];
        if (a < 0 || b < 0 || a >= n || b >= n || (!di && !dj)) continue;
        const other = likeness[a * n + b];
        if (other > value || (other === value && (di < 0 || (di === 0 && dj < 0)))) { peak = false; break; }
      }
      alike += peak;
    }
    const i = Math.floor(best / n), j = best % n;
    const finer = (before, here, after) => (before + after < 2 * here ? clamp((before - after) / (2 * (before - 2 * here + after)), -0.5, 0.5) : 0);
    const dx = i > 0 && i < n - 1 ? finer(likeness[best - n], top, likeness[best + n]) : 0;
    const dy = j > 0 && j < n - 1 ? finer(likeness[best - 1], top, likeness[best + 1]) : 0;
    return { told: true, x: this.middle(i + dx), y: this.middle(j + dy), top, floor, alike };
  }

  // Why no place can be told, for a reader.
  get untold() {
    const beyond = this.box > 1.001 * this.recorded && !this.modules.length;
    return beyond ? "its place cannot be told: no module repeats beyond the recorded box" : "its place cannot be told: no unit that tells places apart is active";
  }

  // The recorded state of a place; null where nothing is known of it.
  state(x, y) {
    const state = new Float32Array(this.units), last = this.groups.length - 1;
    for (const [index, { members, states }] of this.groups.entries()) {
      const bin = this.binOf(x, y, index < last ? this.modules[index] : null);
      if (bin < 0 && index < last) return null;
      if (bin < 0) { if (!this.modules.length) return null; members.forEach((unit, k) => { state[unit] = states[this.nx * this.ny * members.length + k]; }); continue; }
      members.forEach((unit, k) => { state[unit] = states[bin * members.length + k]; });
    }
    return state.some((rate) => rate > 0) ? state : null;
  }

  // Phases of a module along its three waves, turns, and the lengths of the three rings (1: on the torus).
  phases(state, index) {
    const { readout, offset, members } = this.modules[index], turns = [], lengths = [];
    for (let wave = 0; wave < 3; wave++) {
      let cos = offset[2 * wave], sin = offset[2 * wave + 1];
      members.forEach((unit, k) => { cos += state[unit] * readout[6 * k + 2 * wave]; sin += state[unit] * readout[6 * k + 2 * wave + 1]; });
      turns.push(Math.atan2(sin, cos) / TAU);
      lengths.push(Math.hypot(cos, sin));
    }
    return { turns: closed(turns), raw: turns, lengths };
  }

  // Meters between where a module says that the animal is and where it is, modulo its lattice.
  moduloError(turns, index, x, y) {
    const { waves, lattice } = this.modules[index];
    const off = [0, 1].map((k) => wrap(turns[k] - waves[k][0] * x - waves[k][1] * y));
    let least = Infinity;
    for (let a = -1; a <= 1; a++) for (let b = -1; b <= 1; b++) {
      const [p, q] = [off[0] + a, off[1] + b];
      least = Math.min(least, Math.hypot(p * lattice[0][0] + q * lattice[1][0], p * lattice[0][1] + q * lattice[1][1]));
    }
    return least;
  }
}

// The two phases after what the three lack to sum to 0 has been shared out among them.
function closed(turns) {
  const miss = wrap(turns[0] + turns[1] + turns[2]) / 3;
  return [turns[0] - miss, turns[1] - miss];
}

// Lattice vectors (rows) from wave vectors (rows): k_i . b_j = 1 for i = j, else 0.
function inverse([[a, b], [c, d]]) {
  const whole = a * d - b * c;
  return [[d / whole, -c / whole], [-b / whole, a / whole]];
}

// The place nearest to the middle among those that differ from this one by lattice vectors.
function homeCell(x, y, { waves, lattice }) {
  const [p, q] = waves.map(([kx, ky]) => wrap(kx * x + ky * y));
  let best = null, least = Infinity;
  for (let a = -1; a <= 1; a++) for (let b = -1; b <= 1; b++) {
    const u = (p + a) * lattice[0][0] + (q + b) * lattice[1][0], v = (p + a) * lattice[0][1] + (q + b) * lattice[1][1];
    if (u * u + v * v < least) { least = u * u + v * v; best = [u, v]; }
  }
  return best;
}

function nearestVisited(visited, nx, ny) {
  const nearest = new Int32Array(nx * ny).fill(-1), queue = [];
  visited.forEach((yes, bin) => { if (yes) { nearest[bin] = bin; queue.push(bin); } });
  for (let k = 0; k < queue.length; k++) {
    const bin = queue[k], i = Math.floor(bin / ny), j = bin % ny;
    for (const [a, b] of [[i - 1, j], [i + 1, j], [i, j - 1], [i, j + 1]]) {
      if (a < 0 || b < 0 || a >= nx || b >= ny || nearest[a * ny + b] >= 0) continue;
      nearest[a * ny + b] = nearest[bin];
      queue.push(a * ny + b);
    }
  }
  return nearest;
}
