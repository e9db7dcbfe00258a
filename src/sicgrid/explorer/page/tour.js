// ---- tour: six stops, each a sentence and a button that shows it ----

const press = (id, value) => {
  const control = get(id);
  if (control.type === "checkbox") { if (control.checked !== value) { control.checked = value; control.dispatchEvent(new Event("change")); } return; }
  control.value = String(value);
  control.dispatchEvent(new Event(control.tagName === "SELECT" ? "change" : "input"));
};

const STOPS = [
  {
    title: "What a grid cell is",
    text: () => "One unit, chosen at random places of a walk: it is active here, and here, and here. Each orange dot is a step at which it fired; wait, and the dots make a lattice of triangles.",
    act: "Walk fast", lit: [".arena-card", ".detail-card"],
    work: (world) => { press("layer-alike", false); press("layer-decoded", false); press("layer-trace", true); press("speed", 92); world.forget(); },
  },
  {
    title: "One network, no position",
    text: () => "Nobody tells it where it is. At each step it gets a velocity, multiplies its state by a matrix that depends on it, and keeps the result at length one. The cross shows what place its state stands for.",
    act: "Show what it believes", lit: [".units-card", ".arena-card"],
    work: () => { press("layer-decoded", true); press("speed", 45); },
  },
  {
    title: "A torus",
    text: (world) => (world.shownBrain.code.modules.length ? "Walk far enough in a straight line and the state comes back: all states of a module lie on a doughnut. Light is where it is now. Turn it; nobody put it in." : "In most codes the states of a module lie on a doughnut. This one has no module, and none is to be seen."),
    act: "Turn it", lit: [".torus-card"],
    work: (world) => { press("speed", 45); world.panels.forEach((panel) => { panel.torus.held = false; panel.torus.pitch = -0.5; }); },
  },
  {
    title: "Aliasing",
    text: (world) => (!world.shownBrain.code.modules.length
      ? "The states of a module come back at other places. This code has no module: outside of the box in which it was recorded nothing is known of it, and its place cannot be told there."
      : "The same state comes back at other places: everything that is lit looks to this network like the place where the animal stands. In a larger box there are more of them, and the place is lost."),
    act: "Make the box larger", lit: [".arena-card"],
    work: (world) => { press("layer-alike", true); press("layer-decoded", true); press("speed", 50); world.resize(Math.min(LARGEST, 2.4 * world.brains[0].code.recorded)); },
  },
  {
    title: "Several modules",
    text: (world) => {
      const most = Math.max(...world.brains.map((brain) => brain.code.modules.length));
      return most > 1
        ? "Modules of other spacings confuse other places, and only the true one looks right to all of them. Two or three small codes tell apart what none of them can alone."
        : "This network has one module, so nothing tells its look-alikes apart. A network of several does: write this page with --and modules and see them walk side by side.";
    },
    act: "Count the look-alikes", lit: [".arena-card", ".torus-card"],
    work: (world) => { press("layer-alike", true); const best = [...world.brains].sort((one, other) => other.code.modules.length - one.code.modules.length)[0]; world.shownBrain = best; world.changed(); },
  },
  {
    title: "Break it",
    text: () => "Silence a third of its units, kick it, shut its eyes. The state falls back onto its torus, often at another phase: it is somewhere again, but no longer where the animal is.",
    act: "Silence a third and kick", lit: [".trial-card"],
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
    get("tour").hidden = false;
    document.body.classList.add("touring");
    get("tour-count").textContent = `Stop ${at} of ${STOPS.length}`;
    get("tour-title").textContent = stop.title;
    get("tour-text").textContent = stop.text(this.world);
    get("tour-act").textContent = stop.act;
    get("tour-back").disabled = at === 1;
    get("tour-next").textContent = at < STOPS.length ? "Next" : "Play on your own";
    this.light(stop.lit);
    if (focus) { get("tour-act").focus({ preventScroll: true }); this.bring(stop.lit[0]); }
    showSettings(this.world);
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
