// ---- main: the world, its controls, and the loop that draws it ----

const get = (id) => document.getElementById(id);
const FRAME = 9; // milliseconds of steps in a frame at most: the rest of its 16 are for drawing
const FASTEST = 100; // of the slider: as many steps as there is time for

class World {
  constructor(subjects) {
    this.random = new Random(1);
    this.brains = subjects.map((subject, index) => makeBrain(subject, index));
    const first = this.brains[0];
    const walked = subjects.map(({ about }) => about.walk).find(Boolean) ?? { max_speed: 0.15, speed_time: 10, turning: 0.15, turning_time: 5 };
    this.walk = new Walk(walked, this.random);
    this.replay = this.brains.find((brain) => brain.replays) ?? null;
    this.fixed = this.replay !== null;
    this.trial = { gain: 1, noise: 0, blind: false };
    this.layers = { trace: true, decoded: true, alike: false };
    Object.assign(this, { landmarks: "walls", playing: true, steps: 0, marks: [], was: { x: 0, y: 0 }, owed: 0, overlay: false });
    this.still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.shownBrain = first;
    this.timing = { frame: 0, step: 0 };
    this.clip = CLIP;
    readTheme();
    this.arena = new Arena(get("arena"), this);
    this.errors = new ErrorPlot(get("errors"), this);
    this.panels = this.brains.map((brain) => new BrainPanel(brain, this));
    this.learn = new Learn(this);
    this.resize(first.code.recorded);
  }

  // ---- what happens ----
  step() {
    if (this.replay && !this.replay.advance(this)) return;
    const moved = this.replay ? this.replay.moved : this.walk.next();
    this.was = { x: this.walk.x, y: this.walk.y };
    if (this.replay) [this.walk.x, this.walk.y] = this.replay.at; else this.walk.move(moved);
    if (this.replay && Math.hypot(...moved) > 1e-4) this.walk.heading = Math.atan2(moved[1], moved[0]);
    this.advance(moved);
  }
  // All networks by one displacement, and what is noted of them.
  advance([dx, dy]) {
    this.steps++;
    for (const brain of this.brains) brain.step(dx, dy, this.trial, this.random);
    const { walk } = this;
    if (this.landmarks === "walls" && walk.atWall && !this.replay) for (const brain of this.brains) brain.landmark(walk.x, walk.y);
    for (const brain of this.brains) {
      brain.see(walk.x, walk.y);
      brain.note();
      brain.live.add(walk.x, walk.y, brain.activity);
    }
    if (this.replay?.jumped) for (const brain of this.brains) brain.landmark(walk.x, walk.y);
    this.arena.keep(walk.x, walk.y);
    if (this.replay?.jumped) this.arena.path.at(-1).jump = true;
    this.panels.forEach((panel) => panel.torus.keep());
    if (this.landmarks === "start" && this.steps % 400 === 0 && !this.replay) this.home();
  }
  home() {
    this.walk.home();
    this.brains.forEach((brain) => brain.home());
    if (this.replay) [this.walk.x, this.walk.y] = this.replay.at;
    this.was = { x: this.walk.x, y: this.walk.y };
    this.arena.keep(this.walk.x, this.walk.y);
    this.arena.path.at(-1).jump = true;
    this.panels.forEach((panel) => panel.torus.forget());
  }
  forget() {
    this.arena.forget();
    this.brains.forEach((brain) => brain.live.reset(this.box));
  }
  resize(side) {
    this.box = this.fixed ? this.brains[0].code.recorded : clamp(Math.round(side * 20) / 20, SMALLEST, LARGEST);
    this.walk.box = this.box;
    this.walk.x = clamp(this.walk.x, -this.box / 2, this.box / 2);
    this.walk.y = clamp(this.walk.y, -this.box / 2, this.box / 2);
    this.was = { x: this.walk.x, y: this.walk.y };
    this.brains.forEach((brain) => { brain.code.settle(this.box); brain.see(this.walk.x, this.walk.y); });
    this.forget();
    this.changed();
  }
  steer(target) { this.walk.target = target; if (target && !this.playing) this.play(true); }
  press(key) { this.walk.keys.add(key); if (!this.playing) this.play(true); }
  play(yes) { this.playing = yes; get("play").textContent = yes ? "Pause" : "Resume"; get("play").setAttribute("aria-pressed", String(yes)); keepAddress(this); }
  mark(words) {
    const kept = this.marks.filter(({ step, words: said }) => this.steps - step < HISTORY && (step !== this.steps || said !== words));
    this.marks = [...kept, { step: this.steps, words }];
    say(words);
  }
  kick() { this.brains.forEach((brain) => { brain.disturb(1, this.random); brain.see(this.walk.x, this.walk.y); }); this.mark("kick"); }
  toggleSilence(brain) {
    if (!brain.network) return;
    const { silenced } = brain.network, wake = brain.isSilenced(brain.chosen.at(-1));
    for (const unit of brain.chosen) silenced[unit] = wake ? 0 : 1;
    brain.byHand = true; // no longer what the slider alone would give
    this.mark(wake ? "woken" : "silenced");
    this.changed();
  }
  get stepsASecond() {
    const value = Number(get("speed").value);
    return value >= FASTEST ? Infinity : Math.round(10 ** (value * 0.026)); // 1 to 400
  }

  // ---- what is shown ----
  changed() {
    this.arena.key = "";
    showSettings(this);
    this.panels?.forEach((panel) => panel.changed());
    this.tour?.tell();
  }
  frame(now) {
    const began = performance.now(), passed = Math.min(0.1, (now - (this.last ?? now)) / 1000);
    this.last = now;
    if (this.playing) {
      const rate = this.stepsASecond;
      this.owed = Math.min(this.owed + passed * rate, 400);
      let done = 0;
      while (this.owed >= 1 && performance.now() - began < FRAME) { this.step(); this.owed--; done++; }
      if (rate === Infinity) this.owed = 1;
      if (done) this.timing.step += 0.1 * ((performance.now() - began) / done - this.timing.step);
    }
    this.draw(now);
    this.timing.frame += 0.1 * (performance.now() - began - this.timing.frame);
    requestAnimationFrame((time) => this.frame(time));
  }
  draw(now) {
    const share = this.stepsASecond < 200 ? clamp(this.owed, 0, 1) : 1;
    this.arena.draw(share);
    this.panels.forEach((panel) => panel.draw(now, share));
    this.errors.draw(now);
    if (now >= (this.saidAt ?? 0)) { this.saidAt = now + 200; showNumbers(this); }
    this.onFrame?.();
  }
}

// The cards of one network.
class BrainPanel {
  constructor(brain, world) {
    const root = get("brain").content.cloneNode(true).querySelector(".brain");
    get("brains").append(root);
    Object.assign(this, { root, brain, world });
    root.querySelector(".brain-name").innerHTML = `<i></i>`;
    root.querySelector(".brain-name i").style.borderColor = BRAIN_COLORS[brain.index];
    const shown = document.createElement("span");
    shown.textContent = "its firing and look-alikes are in the arena";
    root.querySelector(".brain-name").append(brain.about.name, shown);
    this.units = new UnitPanel(root, brain, world);
    this.torus = new Torus(root, brain, world);
    this.detail = new UnitDetail(root, brain, world);
    this.choice = root.querySelector(".module");
    brain.code.modules.forEach((module, index) => this.choice.add(new Option(`module ${index + 1} · ${module.spacing.toFixed(2)} m`, index)));
    root.querySelector(".module-choice").hidden = brain.code.modules.length < 2;
    const none = brain.code.modules.length === 0;
    root.querySelector(".no-torus").hidden = !none;
    for (const name of [".torus", ".pair"]) root.querySelector(name).hidden = none;
    root.querySelector(".silence-unit").hidden = !brain.network;
    this.choice.addEventListener("change", () => { takeModule(brain, Number(this.choice.value)); world.changed(); });
    this.overlay = root.querySelector(".overlay");
    this.overlay.addEventListener("change", () => { world.overlay = this.overlay.checked; world.changed(); });
    // By pointer or by keyboard: whichever network is being looked at is the one in the arena.
    for (const kind of ["pointerdown", "focusin"]) root.addEventListener(kind, () => { if (world.shownBrain !== brain) { world.shownBrain = brain; world.changed(); } });
  }
  changed() {
    this.root.classList.toggle("shown", this.world.shownBrain === this.brain);
    this.choice.value = String(this.brain.module); this.detail.due = 0;
    this.overlay.checked = this.world.overlay;
    this.units.canvas.setAttribute("aria-label", `All units. Arrow keys choose one. Chosen: ${chosenWords(this.brain)}`);
    const placed = this.brain.code.modules[this.brain.module]?.members.some((unit) => this.brain.about.units[unit].phase);
    this.root.querySelector(".cell-words").textContent = `unit cell: ${placed ? "units where they fire" : "where the state is; no phase of a unit is known"}`;
  }
  draw(now, share) {
    this.units.draw(share);
    this.torus.draw();
    this.detail.draw(now);
  }
}

const makeBrain = (subject, index) => (subject.about.kind === "recording" ? new ReplayBrain(subject, index) : new Brain(subject, index));
const say = (words) => { get("status").textContent = words; };
const boxOfSlider = (value) => SMALLEST * (LARGEST / SMALLEST) ** (value / 100);
const sliderOfBox = (box) => (100 * Math.log(box / SMALLEST)) / Math.log(LARGEST / SMALLEST);

// A slider in its own units, to be seen beside it and to be heard in place of its number.
function tellSlider(id, words) {
  get(`${id}-now`).textContent = words;
  get(id).setAttribute("aria-valuetext", words);
}

function showSettings(world) {
  const rate = world.stepsASecond;
  tellSlider("speed", rate === Infinity ? "at full speed" : `${rate} steps/s`);
  get("box").value = String(sliderOfBox(world.box));
  tellSlider("box", `${world.box.toFixed(2).replace(/0$/, "")} m a side`);
  const silenced = world.brains.reduce((sum, brain) => sum + brain.silencedCount, 0);
  tellSlider("silence", `${silenced} unit${silenced === 1 ? "" : "s"}`);
  tellSlider("noise", world.trial.noise ? `${Math.round(100 * world.trial.noise)} % of length` : "none");
  tellSlider("gain", `× ${world.trial.gain.toFixed(2)}`);
  keepAddress(world);
}

function showNumbers(world) {
  const parts = world.brains.filter((brain) => brain.decoded).map((brain) => {
    if (!brain.decoded.told) return `${world.brains.length > 1 ? `${brain.about.name}: ` : ""}${brain.code.untold}`;
    const { error, alike } = brain.decoded, own = brain.modulo[brain.module];
    const lattice = own === undefined ? "" : `, ${own.toFixed(2)} m modulo the lattice`;
    const places = world.layers.alike ? ` · ${alike} place${alike === 1 ? "" : "s"} look${alike === 1 ? "s" : ""} like here` : "";
    return `${world.brains.length > 1 ? `${brain.about.name}: ` : ""}off by ${error.toFixed(2)} m${lattice}${places}`;
  });
  get("place-now").textContent = parts.join(" · ");
}

function listenToControls(world) {
  const on = (id, kind, work) => get(id).addEventListener(kind, (event) => { work(event.target); showSettings(world); });
  on("play", "click", () => world.play(!world.playing));
  on("home", "click", () => { world.home(); world.mark("start"); });
  on("alone", "change", (box) => { world.walk.alone = box.checked; });
  on("speed", "input", () => {});
  on("box", "input", (slider) => world.resize(boxOfSlider(Number(slider.value))));
  on("landmarks", "change", (choice) => { world.landmarks = choice.value; });
  for (const name of ["trace", "decoded", "alike"]) on(`layer-${name}`, "change", (box) => { world.layers[name] = box.checked; });
  on("silence", "input", () => {
    world.brains.forEach(silenceByShare);
    world.mark("silenced");
  });
  on("noise", "input", (slider) => { world.trial.noise = Number(slider.value) / 100; });
  on("gain", "input", (slider) => { world.trial.gain = Number(slider.value) / 100; });
  on("blind", "change", (box) => { world.trial.blind = box.checked; world.mark(box.checked ? "eyes shut" : "eyes open"); });
  on("kick", "click", () => world.kick());
  on("mend", "click", () => mend(world));
}

// The slider's share, the same units each time.
const silenceByShare = (brain) => brain.silence(Number(get("silence").value) / 100, new Random(7));

function mend(world) {
  Object.assign(world.trial, { gain: 1, noise: 0, blind: false });
  world.brains.forEach((brain) => { brain.silence(0, world.random); brain.landmark(world.walk.x, world.walk.y); brain.see(world.walk.x, world.walk.y); });
  for (const [id, value] of [["silence", 0], ["noise", 0], ["gain", 100]]) get(id).value = String(value);
  get("blind").checked = false;
  press("landmarks", "walls"); // without them the error stays
  world.mark("mended");
}

function introduce(world) {
  const [first] = world.brains, names = world.brains.map((brain) => brain.about.name).join(" and ");
  const { units, modules, source, trained, shows } = first.about;
  get("eyebrow").textContent = `sicgrid explorer · ${names}`;
  if (world.brains.length > 1) document.body.classList.add("two");
  if (first.replays) introduceRecording(world);
  else {
    const active = units.filter((unit) => unit.active).length;
    const found = (list) => (list.length ? `${list.length} module${list.length > 1 ? "s" : ""} of grid cells, spacing ${list.map((one) => one.spacing.toFixed(2)).join(", ")} m` : "no module of grid cells");
    get("lead").textContent = world.brains.length > 1
      ? `Two networks walk the same path, and neither was ever told its position. ${world.brains.map(({ about }) => `${about.name}: ${found(about.modules)}`).join(". ")}.`
      : `A network of ${units.length} units, ${active} of them active, that was never told its position: ${found(modules)}. It runs here, in this page.`;
    get("about").textContent = `${shows ? `${shows} ` : ""}Trained on paths of ${trained.length} steps of at most ${trained.max_speed} m. Recorded maps ${source}; grid score: ${first.about.scorer}. Weights in this page are rounded to eight bits. "Landmarks" set the state to the one recorded at that place, as a wall may do for an animal; without them only velocity comes in.`;
  }
  get("errors-key").innerHTML = world.brains.length > 1
    ? world.brains.map((brain) => `<span><i style="background:${BRAIN_COLORS[brain.index]}"></i></span>`).join("") + "<span>strong: distance to the best match; faint: modulo the lattice</span>"
    : CURVES.filter(({ name }) => name === "place" || modules.length).map(({ words, color }) => `<span><i style="background:${color()}"></i>${words}</span>`).join("");
  if (world.brains.length > 1) [...get("errors-key").querySelectorAll("span")].slice(0, 2).forEach((span, index) => span.append(world.brains[index].about.name));
}

async function start() {
  const world = new World(await readSubjects());
  introduce(world);
  listenToControls(world);
  listenToSharing(world);
  rememberDefaults(world);
  readAddress(world);
  new Tour(world).resume();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { readTheme(); introduce(world); world.changed(); });
  world.changed();
  requestAnimationFrame((now) => world.frame(now));
  window.explorer = { world, unpack, Network, autocorrelogram, gridScore, peakSpacing }; // for whoever looks behind the page, and its tests
}
start().then(
  () => { document.body.dataset.state = "ready"; },
  (problem) => { document.body.dataset.state = "failed"; get("lead").textContent = `The network could not be read in this browser: ${problem.message}`; throw problem; },
);
