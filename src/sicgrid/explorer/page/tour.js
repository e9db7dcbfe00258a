// ---- tour: six stops, each a sentence and a button that shows it, where there is something to show ----

const press = (id, value) => {
  const control = get(id);
  if (control.type === "checkbox") { if (control.checked !== value) { control.checked = value; control.dispatchEvent(new Event("change")); } return; }
  control.value = String(value);
  control.dispatchEvent(new Event(control.tagName === "SELECT" ? "change" : "input"));
};

// What is told of a network depends on what was found in it.
const modulesOf = (world) => world.shownBrain.code.modules.length;
const mostModules = (world) => Math.max(...world.brains.map((brain) => brain.code.modules.length));
const inLattice = ({ shownBrain: { about, chosen } }) => about.units[chosen.at(-1)].module >= 0;

const STOPS = [
  {
    title: (world) => (inLattice(world) ? "What a grid cell is" : "Where a unit fires"),
    text: (world) => `One unit, along a walk that leads anywhere: each orange dot is a step at which it fired. ${inLattice(world)
      ? "It is active here, and here, and here; wait, and the dots make a lattice of triangles."
      : "Wait, and the dots show where it is active. No lattice that it shares with others was found; a grid cell would fire at the corners of equal triangles."}`,
    act: () => "Walk fast", lit: [".arena-card", ".detail-card"],
    work: (world) => { press("layer-alike", false); press("layer-decoded", false); press("layer-trace", true); press("speed", 92); world.forget(); },
  },
  {
    title: () => "One network, no position",
    text: () => "Nobody tells it where it is. At each step it gets a velocity, multiplies its state by a matrix that depends on it, and keeps the result at length one. The cross shows what place its state stands for.",
    act: () => "Show what it believes", lit: [".units-card", ".arena-card"],
    work: () => { press("layer-decoded", true); press("speed", 45); },
  },
  {
    title: (world) => (modulesOf(world) ? "A torus" : "No torus"),
    text: (world) => (modulesOf(world) ? "Walk far enough in a straight line and the state comes back: all states of a module lie on a doughnut. Light is where it is now. Turn it; nobody put it in." : "In most codes the states of a module lie on a doughnut. This one has no module, and none is to be seen."),
    act: (world) => (modulesOf(world) ? "Turn it" : ""), lit: [".torus-card"],
    work: (world) => { press("speed", 45); world.panels.forEach((panel) => { panel.torus.held = false; panel.torus.pitch = -0.5; }); },
  },
  {
    title: (world) => (modulesOf(world) ? "Aliasing" : "Beyond the box"),
    text: (world) => (modulesOf(world)
      ? "The same state comes back at other places: everything that is lit looks to this network like the place where the animal stands. In a larger box there are more of them, and the place is lost."
      : "The states of a module come back at other places. This code has no module: outside of the box in which it was recorded nothing is known of it, and its place cannot be told there."),
    act: () => "Make the box larger", lit: [".arena-card"],
    work: (world) => { press("layer-alike", true); press("layer-decoded", true); press("speed", 50); world.resize(Math.min(LARGEST, 2.4 * world.brains[0].code.recorded)); },
  },
  {
    title: () => "Several modules",
    text: (world) => {
      const most = mostModules(world);
      if (most > 1) return "Modules of other spacings confuse other places, and only the true one looks right to all of them. Two or three small codes tell apart what none of them can alone.";
      return most ? "This network has one module, so nothing tells its look-alikes apart. A network of several does: write this page with --and modules and see them walk side by side."
        : "Modules of several spacings tell apart places that each of them alone confuses. No module was found here, so it knows only the box in which it was recorded. Write this page with --and modules to see three of them at work.";
    },
    act: (world) => (mostModules(world) ? "Count the look-alikes" : "Back to its own box"), lit: [".arena-card", ".torus-card"],
    work: (world) => {
      press("layer-alike", true);
      if (!mostModules(world)) { world.resize(world.brains[0].code.recorded); return; }
      [world.shownBrain] = [...world.brains].sort((one, other) => other.code.modules.length - one.code.modules.length);
      world.changed();
    },
  },
  {
    title: () => "Break it",
    text: (world) => `A third of its units silenced, no landmarks, and a kick: ${modulesOf(world)
      ? "the state falls back onto its torus, often at another phase. It is somewhere again, but no longer where the animal is."
      : "the state goes on from where the kick has put it, and nothing tells the network where the animal is."} Shut its eyes too and see; “Mend all” undoes all of it.`,
    act: () => "Silence a third and kick", lit: [".trial-card"],
    work: (world) => { press("landmarks", "none"); press("silence", 35); press("speed", 50); world.kick(); get("trial").scrollIntoView({ behavior: world.still ? "auto" : "smooth", block: "center" }); },
  },
];

class Tour {
  constructor(world) {
    this.world = world;
    get("tour-start").addEventListener("click", () => this.go(1));
    get("tour-next").addEventListener("click", () => (this.at < STOPS.length ? this.go(this.at + 1) : this.end()));
    get("tour-back").addEventListener("click", () => this.go(this.at - 1));
    get("tour-end").addEventListener("click", () => this.end());
    get("tour-act").addEventListener("click", () => { STOPS[this.at - 1].work(world); showSettings(world); });
    get("tour").addEventListener("keydown", (event) => { if (event.key === "Escape") this.end(); });
    world.tour = this;
  }
  resume() { if (this.world.tourStop) this.go(this.world.tourStop, false); else if (!get("tour").hidden) this.end(false); }
  go(at, focus = true) {
    this.at = this.world.tourStop = at;
    const stop = STOPS[at - 1];
    this.tell();
    get("tour").hidden = false;
    document.body.classList.add("touring");
    get("tour-count").textContent = `Stop ${at} of ${STOPS.length}`;
    get("tour-back").disabled = at === 1;
    get("tour-next").textContent = at < STOPS.length ? "Next" : "Play on your own";
    this.light(stop.lit);
    if (focus) { get(get("tour-act").hidden ? "tour-next" : "tour-act").focus({ preventScroll: true }); this.bring(stop.lit[0]); }
    showSettings(this.world);
  }
  // Again where another network, or a unit of another kind, has come into the arena; the same words are not said twice.
  tell() {
    if (!this.world.tourStop) return;
    for (const part of ["title", "text", "act"]) {
      const words = STOPS[this.at - 1][part](this.world), place = get(`tour-${part}`);
      if (place.textContent !== words) place.textContent = words;
    }
    get("tour-act").hidden = !get("tour-act").textContent;
  }
  light(wanted) {
    for (const card of document.querySelectorAll(".card")) card.classList.toggle("lit", wanted.some((one) => card.matches(one)));
  }
  bring(card) {
    const found = document.querySelector(card);
    const { top, bottom } = found.getBoundingClientRect();
    if (top < 0 || bottom > innerHeight) found.scrollIntoView({ behavior: this.world.still ? "auto" : "smooth", block: "start" });
  }
  end(focus = true) {
    this.world.tourStop = 0;
    get("tour").hidden = true;
    document.body.classList.remove("touring");
    this.light([]);
    if (focus) get("tour-start").focus({ preventScroll: true });
    showSettings(this.world);
  }
}
