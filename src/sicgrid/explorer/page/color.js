// ---- color: the report's palettes, and the page's own colors as the canvases need them ----

const VIRIDIS = ["440154", "482878", "3e4989", "31688e", "26828e", "1f9e89", "35b779", "6ece58", "b5de2b", "fde725"];
const RED_BLUE = ["053061", "2166ac", "4393c3", "92c5de", "d1e5f0", "f7f7f7", "fddbc7", "f4a582", "d6604d", "b2182b", "67001f"];
const UNIT_COLORS = ["#d0702a", "#9566d3", "#2c9a6b", "#d4504c"]; // of units that are laid over each other

function ramp(stops, levels = 256) {
  const ends = stops.map((hex) => [0, 2, 4].map((k) => parseInt(hex.slice(k, k + 2), 16)));
  const table = new Uint8Array(3 * levels);
  for (let level = 0; level < levels; level++) {
    const at = (level / (levels - 1)) * (ends.length - 1), low = Math.min(Math.floor(at), ends.length - 2);
    for (let k = 0; k < 3; k++) table[3 * level + k] = Math.round(ends[low][k] + (at - low) * (ends[low + 1][k] - ends[low][k]));
  }
  return table;
}
const RATE_RAMP = ramp(VIRIDIS), CORRELATION_RAMP = ramp(RED_BLUE);
const css = (table, share) => {
  const k = 3 * Math.round(255 * clamp(share, 0, 1));
  return `rgb(${table[k]},${table[k + 1]},${table[k + 2]})`;
};
const RATE_CSS = Array.from({ length: 256 }, (_, k) => css(RATE_RAMP, k / 255));

// Colors on a circle, the same as in the report's figures: hues of OKLCH at chroma 0.105 (Ottosson 2020).
function phaseColor(turns) {
  const hue = TAU * (turns - Math.floor(turns)), light = 0.66 + 0.09 * Math.cos(hue - (100 * Math.PI) / 180);
  const a = 0.105 * Math.cos(hue), b = 0.105 * Math.sin(hue);
  const l = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (light - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  const [red, green, blue] = linear.map((x) => Math.round(255 * clamp(x > 0.0031308 ? 1.055 * x ** (1 / 2.4) - 0.055 : 12.92 * x, 0, 1)));
  return `rgb(${red},${green},${blue})`;
}
const PHASE_CSS = Array.from({ length: 64 }, (_, k) => phaseColor(k / 64));

// The style sheet's colors, read again when light turns to dark.
const theme = {};
function readTheme() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ["paper", "sheet", "ink", "muted", "line", "accent", "refuted", "grid", "floor"]) {
    theme[name] = style.getPropertyValue(`--${name}`).trim();
  }
  const [r, g, b] = [1, 3, 5].map((k) => parseInt(theme.accent.slice(k, k + 2), 16));
  theme.glow = [r, g, b];
  theme.dark = matchMedia("(prefers-color-scheme: dark)").matches;
}

// A canvas as large as its element in real pixels; drawing is in the element's pixels.
function fitted(canvas) {
  const density = Math.min(devicePixelRatio || 1, 2), width = canvas.clientWidth, height = canvas.clientHeight;
  const [w, h] = [Math.round(width * density), Math.round(height * density)];
  if (canvas.width !== w || canvas.height !== h) { canvas.width = w; canvas.height = h; }
  const pen = canvas.getContext("2d");
  pen.setTransform(density, 0, 0, density, 0, 0);
  pen.clearRect(0, 0, width, height);
  return { pen, width, height };
}

// A picture of n x m values (x fastest along the first axis, y up) through a ramp; NaN is left clear.
function picture(values, nx, ny, color) {
  const canvas = picture.canvas ??= document.createElement("canvas");
  canvas.width = nx; canvas.height = ny;
  const pen = canvas.getContext("2d"), image = pen.createImageData(nx, ny), pixels = image.data;
  for (let x = 0; x < nx; x++) for (let y = 0; y < ny; y++) {
    const value = values[x * ny + y];
    if (Number.isNaN(value)) continue;
    color(value, pixels, 4 * ((ny - 1 - y) * nx + x));
  }
  pen.putImageData(image, 0, 0);
  return canvas;
}
const through = (table, low, high) => (value, pixels, at) => {
  const k = 3 * Math.round(255 * clamp((value - low) / (high - low || 1), 0, 1));
  pixels[at] = table[k]; pixels[at + 1] = table[k + 1]; pixels[at + 2] = table[k + 2]; pixels[at + 3] = 255;
};
