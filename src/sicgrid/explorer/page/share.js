// ---- share: a picture, a clip, and an address that brings a friend to the same place ----

const CARD = [1200, 675], CLIP = 6000; // pixels; milliseconds
const FEWEST_FRAMES = 8; // of a clip: a machine that is busy gets a longer one rather than an empty one

// What is sent: the arena, the torus and the units of one network, with its name.
function compose(world, canvas) {
  [canvas.width, canvas.height] = CARD;
  const pen = canvas.getContext("2d"), panel = world.panels[world.shownBrain.index], [width, height] = CARD;
  pen.fillStyle = theme.paper;
  pen.fillRect(0, 0, width, height);
  pen.fillStyle = theme.ink;
  pen.font = "650 30px system-ui, sans-serif";
  pen.fillText(get("headline").textContent, 40, 58);
  pen.fillStyle = theme.muted;
  pen.font = "17px system-ui, sans-serif";
  pen.fillText(`${world.brains.map((brain) => brain.about.name).join(" and ")} · ${get("place-now").textContent} · sicgrid`, 40, 88);
  const inside = (source, x, y, wide, high) => {
    if (!source.width || !source.height || !source.clientWidth) return;
    const scale = Math.min(wide / source.width, high / source.height);
    pen.drawImage(source, x + (wide - source.width * scale) / 2, y + (high - source.height * scale) / 2, source.width * scale, source.height * scale);
  };
  inside(world.arena.canvas, 30, 106, 550, 550);
  inside(panel.torus.canvas, 600, 106, 330, 262);
  inside(panel.detail.canvases.live, 950, 118, 220, 220);
  inside(panel.units.canvas, 600, 380, 570, 276);
  return canvas;
}

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
const fileName = (world, ending) => `${world.brains.map((brain) => brain.about.name).join("-")}.${ending}`.replace(/[^\w.-]+/g, "-");

async function savePicture(world) {
  const canvas = compose(world, document.createElement("canvas"));
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  save(blob, fileName(world, "png"));
  say("Picture saved");
  return blob;
}

async function saveClip(world, length = world.clip) {
  const button = get("save-clip"), canvas = compose(world, document.createElement("canvas"));
  const kind = ["video/webm;codecs=vp9", "video/webm", "video/mp4"].find((one) => window.MediaRecorder?.isTypeSupported(one));
  if (!kind) { say("This browser cannot record clips"); button.textContent = "No clips here"; return null; }
  const recorder = new MediaRecorder(canvas.captureStream(30), { mimeType: kind, videoBitsPerSecond: 5e6 }), parts = [];
  recorder.addEventListener("dataavailable", (event) => parts.push(event.data));
  const told = (event) => new Promise((done) => recorder.addEventListener(event, done));
  const started = told("start"), ended = told("stop");
  let frames = 0;
  button.disabled = true;
  recorder.start();
  await started;
  world.onFrame = () => { compose(world, canvas); frames++; };
  const until = performance.now() + length;
  while (performance.now() < until || (frames < FEWEST_FRAMES && performance.now() < until + 10 * length)) {
    button.textContent = `Recording… ${Math.max(0, Math.ceil((until - performance.now()) / 1000))}`;
    await new Promise((done) => setTimeout(done, Math.min(200, length)));
  }
  recorder.stop();
  await ended;
  world.onFrame = null;
  button.disabled = false;
  button.textContent = "Save clip";
  const blob = new Blob(parts, { type: kind });
  save(blob, fileName(world, kind.includes("mp4") ? "mp4" : "webm"));
  say("Clip saved");
  return blob;
}

// ---- the address: what differs from how the page opens ----
const CHECKS = { trace: "layer-trace", decoded: "layer-decoded", alike: "layer-alike", alone: "alone", blind: "blind" };
const SLIDERS = ["speed", "silence", "noise", "gain", "learn-step"];

function keepAddress(world) {
  if (!world.opened) return;
  const now = new URLSearchParams(), { defaultValues } = world;
  if (Math.abs(world.box - world.brains[0].code.recorded) > 1e-6) now.set("box", world.box.toFixed(2));
  world.brains.forEach((brain, index) => {
    if (String(brain.chosen) !== String(brain.firstChosen)) now.set(`units${index}`, brain.chosen.join("."));
    if (brain.code.modules.length > 1 && brain.module) now.set(`module${index}`, brain.module);
    if (brain.byHand) now.set(`silenced${index}`, [...brain.network.silenced.keys()].filter((unit) => brain.isSilenced(unit)).join("."));
    const { held, yaw, pitch } = world.panels[index].torus;
    if (held) now.set(`turn${index}`, [yaw, pitch].map((angle) => angle.toFixed(2)).join());
  });
  if (world.shownBrain !== world.brains[0]) now.set("shown", world.shownBrain.index);
  if (world.overlay) now.set("overlay", 1);
  if (!world.playing) now.set("play", 0);
  if (world.landmarks !== "walls") now.set("landmarks", world.landmarks);
  for (const id of SLIDERS) if (get(id).value !== defaultValues[id]) now.set(id, get(id).value);
  for (const [name, id] of Object.entries(CHECKS)) if (get(id).checked !== defaultValues[id]) now.set(name, get(id).checked ? 1 : 0);
  if (world.tourStop) now.set("stop", world.tourStop);
  const address = `#${now}`;
  if (address === (location.hash || "#")) return;
  // Some browsers allow so many changes in half a minute; the next one that goes through holds all of them.
  try { history.replaceState(null, "", address === "#" ? location.pathname + location.search : address); } catch { return; }
}

function rememberDefaults(world) {
  const ids = [...SLIDERS, ...Object.values(CHECKS)];
  world.defaultValues = Object.fromEntries(ids.map((id) => [id, get(id).type === "checkbox" ? get(id).checked : get(id).value]));
  world.brains.forEach((brain) => { brain.firstChosen = [...brain.chosen]; });
}

// What the address does not name is as the page opens: a link that is pasted into an open page shows the same there.
function readAddress(world) {
  world.opened = false; // nothing is written back before all of it is read
  const then = new URLSearchParams(location.hash.slice(1)), number = (name) => Number(then.get(name)), { defaultValues } = world;
  const box = number("box") > 0 ? number("box") : world.brains[0].code.recorded;
  if (box !== world.box) world.resize(box);
  world.brains.forEach((brain, index) => {
    const units = (then.get(`units${index}`) ?? "").split(".").filter(Boolean).map(Number).filter((unit) => brain.about.units[unit]);
    brain.chosen = units.length ? [...new Set(units)].slice(0, UNIT_COLORS.length) : [...brain.firstChosen];
    takeModule(brain, brain.code.modules[number(`module${index}`)] ? number(`module${index}`) : 0);
    const angles = (then.get(`turn${index}`) ?? "").split(",").map(Number), { torus } = world.panels[index];
    torus.held = angles.length === 2 && angles.every(Number.isFinite);
    if (torus.held) Object.assign(torus, { yaw: angles[0], pitch: clamp(angles[1], -Math.PI / 2, Math.PI / 2) });
  });
  world.shownBrain = world.brains[number("shown")] ?? world.brains[0];
  world.overlay = then.get("overlay") === "1";
  const known = [...get("landmarks").options].some((one) => one.value === then.get("landmarks"));
  const bring = (id, value) => { if (get(id).value !== value) press(id, value); };
  bring("landmarks", known ? then.get("landmarks") : "walls");
  for (const id of SLIDERS) bring(id, then.get(id) ?? defaultValues[id]);
  for (const [name, id] of Object.entries(CHECKS)) press(id, then.has(name) ? then.get(name) === "1" : defaultValues[id]);
  // After the slider of all of them.
  world.brains.forEach((brain, index) => {
    if (!brain.network) return;
    if (then.has(`silenced${index}`)) {
      const units = then.get(`silenced${index}`).split(".").filter(Boolean).map(Number);
      brain.network.silenced.forEach((_, unit, all) => { all[unit] = units.includes(unit) ? 1 : 0; });
      brain.byHand = true;
    } else if (brain.byHand) silenceByShare(brain);
  });
  if (world.playing !== (then.get("play") !== "0")) world.play(!world.playing);
  world.tourStop = clamp(Math.trunc(number("stop")) || 0, 0, world.replay ? 0 : STOPS.length);
  world.opened = true;
}

function listenToSharing(world) {
  window.addEventListener("hashchange", () => { readAddress(world); world.tour.resume(); world.changed(); });
  get("save-picture").addEventListener("click", () => savePicture(world));
  get("save-clip").addEventListener("click", () => saveClip(world));
  get("copy-link").addEventListener("click", async () => {
    const button = get("copy-link");
    try { await navigator.clipboard.writeText(location.href); button.textContent = "Copied"; } catch { button.textContent = "It is in the address bar"; }
    setTimeout(() => { button.textContent = "Copy link"; }, 1800);
  });
}
