"use strict";
// The torus that can be turned. The drawing library is unpacked when the torus comes near the screen, not before.
(() => {
  const data = document.getElementById("torus-data");
  if (!data) return;
  const view = document.getElementById("torus-view");
  const note = document.getElementById("torus-note");
  const tools = document.getElementById("torus-tools");
  const { modules, colors } = JSON.parse(data.textContent);
  let module = 0, wave = 0, started = null;

  async function library() {
    const packed = Uint8Array.from(atob(document.getElementById("drawing-library").textContent), (c) => c.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    const script = document.createElement("script");
    script.textContent = await new Response(stream).text();
    document.head.append(script);
  }
  function trace() {
    const [x, y, z] = modules[module].points;
    const color = modules[module].phases[wave];
    const marker = { size: 3.4, color, colorscale: colors, cmin: 0, cmax: 2 * Math.PI, opacity: 0.95, line: { width: 0 } };
    return { type: "scatter3d", mode: "markers", x, y, z, marker, hoverinfo: "none" };
  }
  const axis = { visible: false, range: [-1.05, 1.05] };
  const layout = {
    margin: { l: 0, r: 0, t: 0, b: 0 }, paper_bgcolor: "rgba(0,0,0,0)", showlegend: false, uirevision: "keep",
    scene: {
      xaxis: axis, yaxis: axis, zaxis: axis, aspectmode: "cube", dragmode: "orbit", bgcolor: "rgba(0,0,0,0)",
      camera: { eye: { x: 0.82, y: -1.0, z: 0.64 } },
    },
  };
  const settings = { displayModeBar: false, scrollZoom: false, responsive: true };
  const draw = () => Plotly.react(view, [trace()], layout, settings);

  function webgl() {
    const canvas = document.createElement("canvas");
    return Boolean(canvas.getContext("webgl2") || canvas.getContext("webgl"));
  }
  async function start() {
    if (!webgl() || typeof DecompressionStream === "undefined") {
      note.textContent = "This browser cannot draw in three dimensions (WebGL); the still pictures below show the same.";
      view.dataset.state = "unavailable";
      return;
    }
    note.textContent = "The torus is being drawn.";
    view.dataset.state = "loading";
    await library();
    await draw();
    note.textContent = "Drag to turn it.";
    tools.hidden = false;
    view.dataset.state = "ready";
  }
  const once = () => (started ??= start());
  tools.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.module) module = Number(button.dataset.module);
    if (button.dataset.wave) wave = Number(button.dataset.wave);
    for (const other of button.parentElement.children) other.setAttribute("aria-pressed", String(other === button));
    draw();
  });
  // Arrow keys turn it for those who cannot drag.
  view.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: 0.15, ArrowRight: -0.15 }[event.key];
    if (!by || view.dataset.state !== "ready") return;
    event.preventDefault();
    const { x, y, z } = view._fullLayout.scene.camera.eye;
    const eye = { x: x * Math.cos(by) - y * Math.sin(by), y: x * Math.sin(by) + y * Math.cos(by), z };
    Plotly.relayout(view, { "scene.camera.eye": eye });
  });
  for (const arrival of ["focus", "pointerenter"]) view.addEventListener(arrival, once);
  new IntersectionObserver((seen, observer) => {
    if (seen.some((entry) => entry.isIntersecting)) { observer.disconnect(); once(); }
  }, { rootMargin: "600px" }).observe(view);
})();
