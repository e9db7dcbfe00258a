// ---- replay: what was recorded, in place of a network that runs: its path, and its spikes as they fall ----

const FADING = 0.4; // seconds in which a unit's light fades

class ReplayBrain {
  constructor({ about, arrays }, index) {
    Object.assign(this, { about, arrays, index, replays: true, network: null, module: 0, index_in_path: -1, spike: 0 });
    const units = about.units.length;
    this.code = new Code(about, arrays);
    this.live = new LiveMaps(units);
    this.order = unitOrder(about);
    this.chosen = [firstChoice(about)];
    this.history = { place: [], modulo: [] };
    this.state = new Float32Array(units); // activity with its fading, what is seen and decoded
    this.before = new Float32Array(units);
    this.activity = new Float32Array(units); // of this step alone, what maps are made of
    this.steps = arrays.path.shape[0];
    this.at = this.placeOf(0);
    this.see(...this.at);
  }
  placeOf(step) { return [0, 1].map((axis) => (this.arrays.path[2 * step + axis] / 32767) * (this.about.side / 2)); }
  // To the next step of the path; after the last one to the first. Each walk begins with a jump.
  advance(world) {
    const from = this.at;
    this.index_in_path++;
    if (this.index_in_path >= this.steps) { this.index_in_path = 0; this.spike = 0; }
    this.at = this.placeOf(this.index_in_path);
    this.moved = [this.at[0] - from[0], this.at[1] - from[1]];
    this.jumped = this.index_in_path % this.about.walk_steps === 0 || Math.hypot(...this.moved) > 0.15 * this.about.side;
    if (this.jumped) this.moved = [0, 0];
    return true;
  }
  step() {
    const { arrays, about, activity, state, before } = this, kept = Math.exp(-about.step_s / FADING);
    before.set(state);
    activity.fill(0);
    if (about.spikes) {
      const { spike_step, spike_unit, spike_count } = arrays;
      for (; this.spike < spike_step.length && spike_step[this.spike] <= this.index_in_path; this.spike++) {
        activity[spike_unit[this.spike]] += spike_count[this.spike] / about.step_s;
      }
    } else {
      const units = activity.length, first = this.index_in_path * units;
      for (let unit = 0; unit < units; unit++) activity[unit] = (arrays.activity[first + unit] / 255) * arrays.largest[unit];
    }
    for (let unit = 0; unit < state.length; unit++) state[unit] = about.spikes ? kept * state[unit] + (1 - kept) * activity[unit] : activity[unit];
  }
  home() { this.index_in_path = -1; this.spike = 0; this.at = this.placeOf(0); this.state.fill(0); this.before.fill(0); }
  see(...place) { Brain.prototype.see.apply(this, place); }
  note() { Brain.prototype.note.call(this); }
  disturb() {}
  silence() {}
  landmark() { return false; }
  isSilenced() { return false; }
  get silencedCount() { return 0; }
  rate(unit, share) { return 0.6 * Brain.prototype.rate.call(this, unit, share); }
  shown() {
    if (!this.about.spikes) return Brain.prototype.shown.call(this);
    return Uint8Array.from(this.activity, (value) => (value > 0 ? 220 : 0)); // a dot a spike
  }
}

// Who walks there: an animal, or an external network or code, which this page does not hold.
const REPLAYED = {
  recording: { alone: "An animal walks, and its cells say where.", both: "An animal, and a network on its path.", units: "recorded units", who: "animal", whose: "cells" },
  network: { alone: "A network walks, and its units say where.", both: "Two networks on one path.", units: "units of a network of one’s own, recorded", who: "network", whose: "units" },
  code: { alone: "A code of place, asked along a path.", both: "A code of place, and a network on its path.", units: "units of a code, a function of place, asked", who: "path", whose: "units" },
};

function introduceRecording(world) {
  const { about } = world.replay, beside = world.brains.length > 1, grids = about.modules.length, words = REPLAYED[about.of] ?? REPLAYED.recording;
  get("headline").textContent = beside ? words.both : words.alone;
  const path = about.of_walks > 1 ? `${about.walks === about.of_walks ? `All ${about.walks}` : `The first ${about.walks}`} of its ${about.of_walks} walks are replayed, one after the other` : "The path is replayed";
  get("lead").textContent = `${about.units.length} ${words.units} in a ${about.side.toFixed(1)} m box, ${grids ? `${grids} module${grids > 1 ? "s" : ""} of grid cells, spacing ${about.modules.map((one) => one.spacing.toFixed(2)).join(", ")} m` : "no module of grid cells found"}. ${path}${about.spikes ? ", and each dot is a spike" : ""}${about.of === "network" || about.of === "code" ? `; the ${about.of} itself does not run in this page` : ""}${beside ? `; the network beside hears only how the ${words.who} moves` : ""}.`;
  const decoded = about.spikes ? `what all units did in the last ${FADING} s or so` : "what all units do at this step";
  get("about").textContent = `Maps ${about.source}; grid score: ${about.scorer}. ${about.step_s === null ? "" : `A step is ${about.step_s} s. `}Decoded from ${decoded}.`;
  get("arena-hint").textContent = about.of === "recording" ? "The animal walks as it did when it was recorded." : "It walks as it did when it was recorded, and cannot be led.";
  // Nothing to steer: keys and fingers that meet it scroll the page.
  const arena = get("arena");
  arena.removeAttribute("tabindex");
  arena.setAttribute("role", "img");
  arena.setAttribute("aria-label", `The arena with the ${words.who === "path" ? "recorded path" : `${words.who} on its recorded path`}`);
  arena.style.touchAction = "auto";
  for (const id of ["alone-label", "box-label", "landmarks-label"]) get(id).hidden = true;
  get("trial").querySelector(".stack").hidden = get("mend").hidden = !beside;
  get("trial-title").textContent = beside ? "Break it, and watch the error" : `How far off is the place that its ${words.whose} say?`;
  get("tour-start").hidden = true;
}
