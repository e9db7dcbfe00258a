// ---- learn: maps at some steps of the training, from noise to what it became ----

class Learn {
  constructor(world) {
    const { about, arrays } = world.brains.find((brain) => brain.about.snapshots) ?? { about: {} };
    this.canvas = get("learn-maps");
    get("learn").hidden = !about.snapshots;
    if (!about.snapshots) return;
    Object.assign(this, { world, snapshots: about.snapshots, maps: arrays.snapshots, at: about.snapshots.steps.length - 1 });
    const slider = get("learn-step");
    slider.max = String(this.at);
    slider.value = String(this.at);
    slider.addEventListener("input", () => { clearInterval(this.timer); this.show(Number(slider.value)); keepAddress(world); });
    get("learn-play").addEventListener("click", () => this.play());
    new ResizeObserver(() => this.show(this.at)).observe(this.canvas);
  }
  play() {
    clearInterval(this.timer);
    let at = 0;
    this.timer = setInterval(() => {
      this.show(at);
      get("learn-step").value = String(at);
      if (++at >= this.snapshots.steps.length) { clearInterval(this.timer); keepAddress(this.world); }
    }, 450);
  }
  show(at) {
    this.at = at;
    const { steps, units, scores, loss } = this.snapshots, [, count, bins] = this.maps.shape, size = bins * bins;
    const across = clamp(Math.floor(this.canvas.clientWidth / 92), 3, count), rows = Math.ceil(count / across), gap = 6;
    const side = Math.floor(this.canvas.clientWidth / across) - gap;
    this.canvas.style.height = `${rows * (side + gap)}px`;
    const { pen } = fitted(this.canvas);
    pen.imageSmoothingEnabled = false;
    for (let k = 0; k < count; k++) {
      const first = (at * count + k) * size, map = this.maps.subarray(first, first + size);
      pen.drawImage(picture(map, bins, bins, through(RATE_RAMP, 0, 255)), (k % across) * (side + gap), Math.floor(k / across) * (side + gap), side, side);
    }
    const median = scores[at] === null ? "" : `, median grid score ${scores[at].toFixed(2)}`, lost = loss[at] === null ? "" : `, loss ${loss[at].toFixed(3)}`;
    get("learn-now").textContent = `step ${steps[at].toLocaleString("en")} of ${steps.at(-1).toLocaleString("en")}${lost}${median}`;
    get("learn-step").setAttribute("aria-valuetext", get("learn-now").textContent);
    get("learn-note").textContent = `${count} units (${units.slice(0, 6).join(", ")}${units.length > 6 ? ", …" : ""}), each from 0 to its peak at that step.`;
  }
}
