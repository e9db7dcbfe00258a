// ---- brain: one network on its way, with what is seen of it ----

const HISTORY = 600; // steps of the error's plot

class Brain {
  constructor({ about, arrays }, index) {
    this.about = about;
    this.arrays = arrays;
    this.index = index;
    this.network = new Network(about.network, arrays);
    this.code = new Code(about, arrays);
    this.live = new LiveMaps(this.network.units);
    this.order = unitOrder(about);
    this.chosen = [firstChoice(about)];
    this.module = 0;
    this.history = { place: [], modulo: [] };
    this.state = this.network.initialState();
    this.before = Float32Array.from(this.state);
    this.spare = new Float32Array(this.network.units);
    this.see(0, 0);
  }
  home() {
    this.state.set(this.network.initialState());
    this.before.set(this.state);
    this.see(0, 0);
  }
  // One step with what the experiments do to it.
  step(dx, dy, trial, random) {
    const { network } = this;
    this.before.set(this.state);
    const [vx, vy] = trial.blind ? [0, 0] : [trial.gain * dx, trial.gain * dy];
    network.step(this.state, vx, vy, this.spare);
    [this.state, this.spare] = [this.spare, this.state];
    if (trial.noise > 0) this.disturb(trial.noise, random);
  }
  // Gaussian noise whose length is this share of the state's, then back to where states lie.
  disturb(length, random) {
    const each = length / Math.sqrt(this.state.length);
    for (let unit = 0; unit < this.state.length; unit++) this.state[unit] += each * random.normal();
    this.network.project(this.state);
  }
  landmark(x, y) {
    const known = this.code.state(x, y);
    if (known) this.state.set(this.network.project(known));
    return known !== null;
  }
  see(x, y) {
    this.decoded = this.code.compare(this.state);
    this.decoded.error = Math.hypot(this.decoded.x - x, this.decoded.y - y);
    this.phases = this.code.modules.map((_, index) => this.code.phases(this.state, index));
    this.modulo = this.phases.map(({ turns }, index) => this.code.moduloError(turns, index, x, y));
  }
  note() {
    const { history } = this;
    history.place.push(this.decoded.error);
    history.modulo.push(this.modulo[this.module] ?? NaN);
    for (const one of Object.values(history)) if (one.length > HISTORY) one.shift();
  }
  silence(share, random) {
    const active = this.about.units.flatMap((unit, k) => (unit.active ? [k] : []));
    for (let k = active.length - 1; k > 0; k--) { const other = Math.floor(random.uniform() * (k + 1)); [active[k], active[other]] = [active[other], active[k]]; }
    this.byHand = false;
    this.network.silenced.fill(0);
    active.slice(0, Math.round(share * active.length)).forEach((unit) => { this.network.silenced[unit] = 1; });
  }
  // Activity of a unit, 1 its recorded peak, between the last step and this one.
  rate(unit, share) {
    const peak = this.arrays.peak[unit];
    return peak > 0 ? (this.before[unit] + share * (this.state[unit] - this.before[unit])) / peak : 0;
  }
  shown() { return Uint8Array.from(this.state, (value, unit) => 255 * clamp(this.arrays.peak[unit] > 0 ? value / this.arrays.peak[unit] : 0, 0, 1)); }
  isSilenced(unit) { return this.network.silenced[unit] === 1; }
  get activity() { return this.state; }
  get silencedCount() { return this.network.silenced.reduce((sum, one) => sum + one, 0); }
}

// The module whose torus and error are shown; the error of another one is another curve.
function takeModule(brain, module) {
  if (brain.module !== module) Object.assign(brain, { module, history: { ...brain.history, modulo: [] } });
}

// Units by module, then by phase: rows of a module along its first phase, in each row along the second.
function unitOrder(about) {
  const groups = about.modules.map((one, index) => {
    const all = about.units.flatMap((unit, k) => (unit.module === index ? [k] : []));
    const placed = all.filter((k) => about.units[k].phase), others = all.filter((k) => !about.units[k].phase);
    const turn = (k, wave) => { const t = about.units[k].phase[wave]; return t - Math.floor(t); };
    placed.sort((a, b) => turn(a, 0) - turn(b, 0));
    const across = Math.max(1, Math.round(Math.sqrt(placed.length))), sorted = [];
    for (let first = 0; first < placed.length; first += across) {
      sorted.push(...placed.slice(first, first + across).sort((a, b) => turn(a, 1) - turn(b, 1)));
    }
    return { name: `Module ${index + 1}`, note: `${one.spacing.toFixed(2)} m`, color: one.color, across, units: [...sorted, ...others] };
  });
  const rest = about.units.flatMap((unit, k) => (unit.module < 0 ? [k] : [])).sort((a, b) => about.units[b].active - about.units[a].active);
  if (rest.length) groups.push({ name: groups.length ? "No module" : "Units", note: "", color: null, across: 0, units: rest });
  return groups;
}

// The best grid cell of the largest group is a good one to begin with.
function firstChoice(about) {
  const score = (unit) => (unit.active ? unit.score ?? -2 : -3) + (unit.module >= 0 && unit.phase ? 2 : 0);
  return about.units.reduce((best, unit, k) => (score(unit) > score(about.units[best]) ? k : best), 0);
}
