// ---- maps: what a unit does where, its autocorrelogram, its grid score, as sicgrid.analysis has them ----

const MOST_BINS = 44, BIN = 0.05;

// Maps of all units that build up as the animal walks.
class LiveMaps {
  constructor(units) { this.units = units; this.reset(2); }
  reset(box) {
    this.box = box;
    this.n = clamp(Math.round(box / BIN), 10, MOST_BINS);
    this.sums = new Float32Array(this.units * this.n * this.n);
    this.visits = new Float32Array(this.n * this.n);
    this.samples = 0;
  }
  bin(x, y) {
    const at = (value) => clamp(Math.floor((value / this.box + 0.5) * this.n), 0, this.n - 1);
    return at(x) * this.n + at(y);
  }
  add(x, y, state) {
    const bin = this.bin(x, y), size = this.n * this.n;
    this.visits[bin]++;
    this.samples++;
    for (let unit = 0; unit < this.units; unit++) this.sums[unit * size + bin] += state[unit];
  }
  map(unit) {
    const size = this.n * this.n, map = new Float64Array(size);
    for (let bin = 0; bin < size; bin++) map[bin] = this.visits[bin] ? this.sums[unit * size + bin] / this.visits[bin] : NaN;
    return map;
  }
  get covered() { return this.visits.reduce((sum, count) => sum + (count > 0), 0) / this.visits.length; }
}

// Pearson's r of a map (n x n, NaN where unvisited) and itself, shifted by (i, j) bins; (2n-1) x (2n-1).
function autocorrelogram(map, n, minOverlap = 20) {
  const work = correlate(map, n, minOverlap);
  for (;;) { const { done, value } = work.next(); if (done) return value; }
}

// The same in pieces, a shift along x each, so that a frame is not held up by it.
function* correlate(map, n, minOverlap = 20) {
  const wide = 2 * n - 1, result = new Float64Array(wide * wide).fill(NaN);
  const known = new Float64Array(n * n), values = new Float64Array(n * n), squares = new Float64Array(n * n);
  let mean = 0, count = 0;
  map.forEach((value, k) => { if (!Number.isNaN(value)) { known[k] = 1; mean += value; count++; } });
  mean /= count || 1;
  let variance = 0;
  map.forEach((value, k) => { values[k] = known[k] ? value - mean : 0; variance += squares[k] = values[k] * values[k]; });
  variance /= count || 1;
  for (let i = 0; i < n; i++, yield null) for (let j = i ? -(n - 1) : 0; j < n; j++) {
    let m = 0, a = 0, b = 0, aa = 0, bb = 0, ab = 0;
    for (let x = 0; x + i < n; x++) {
      for (let y = Math.max(0, -j); y < Math.min(n, n - j); y++) {
        const here = x * n + y, there = (x + i) * n + y + j, u = known[here], v = known[there];
        m += u * v; a += v * values[here]; b += u * values[there];
        aa += v * squares[here]; bb += u * squares[there]; ab += values[here] * values[there];
      }
    }
    if (m < minOverlap) continue;
    const va = aa / m - (a / m) ** 2, vb = bb / m - (b / m) ** 2;
    if (!(Math.min(va, vb) > 1e-10 * variance)) continue;
    const r = clamp((ab / m - (a / m) * (b / m)) / Math.sqrt(va * vb), -1, 1);
    result[(n - 1 + i) * wide + n - 1 + j] = result[(n - 1 - i) * wide + n - 1 - j] = r;
  }
  return result;
}

const TURNS = [30, 60, 90, 120, 150];
const rings = new Map(); // number of bins -> pixels of half the disc, and where they come to lie when turned

function halfDisc(n) {
  if (rings.has(n)) return rings.get(n);
  const largest = Math.floor(0.9 * n), pixels = [];
  for (let i = 0; i < n; i++) for (let j = -(n - 1); j < n; j++) {
    const radius = Math.hypot(i, j);
    if ((i > 0 || j > 0) && radius <= largest) pixels.push({ i, j, radius, ring: Math.ceil(radius - 1e-9), shell: Math.round(radius) });
  }
  pixels.sort((one, other) => one.radius - other.radius);
  const disc = { largest, pixels };
  rings.set(n, disc);
  return disc;
}

// langston: min(c60, c120) - max(c30, c90, c150), best of rings that grow from the edge of the central peak.
function gridScore(correlogram, n) {
  const { largest, pixels } = halfDisc(n), wide = 2 * n - 1, middle = n - 1;
  const at = (i, j) => (Math.abs(i) > middle || Math.abs(j) > middle ? NaN : correlogram[(middle + i) * wide + middle + j]);
  const inner = centralRadius(pixels, largest, at);
  const narrowest = inner + Math.max(1, Math.round(0.1 * n));
  const byAngle = TURNS.map((degrees) => ringCorrelations(pixels, largest, inner, (degrees * Math.PI) / 180, at));
  let best = NaN, ring = 0;
  for (let radius = narrowest; radius <= largest; radius++) {
    const [c30, c60, c90, c120, c150] = byAngle.map((one) => one[radius]);
    const score = Math.min(c60, c120) - Math.max(c30, c90, c150);
    if (score > best || (Number.isNaN(best) && !Number.isNaN(score))) { best = score; ring = radius; }
  }
  return { score: best, inner, ring };
}

function centralRadius(pixels, largest, at) {
  const sums = new Float64Array(largest + 2), counts = new Float64Array(largest + 2);
  for (const { i, j, shell } of pixels) {
    const r = at(i, j);
    if (!Number.isNaN(r) && shell <= largest) { sums[shell] += r; counts[shell]++; }
  }
  const mean = (radius) => (counts[radius] ? sums[radius] / counts[radius] : NaN);
  for (let radius = 1; radius < largest; radius++) if (mean(radius) < 0.2 || mean(radius + 1) > mean(radius)) return radius;
  return largest;
}

function ringCorrelations(pixels, largest, inner, angle, at) {
  const cos = Math.cos(angle), sin = Math.sin(angle), result = new Float64Array(largest + 1).fill(NaN);
  let m = 0, a = 0, b = 0, aa = 0, bb = 0, ab = 0, k = 0;
  while (k < pixels.length && pixels[k].ring <= inner) k++;
  for (let radius = inner + 1; radius <= largest; radius++) {
    for (; k < pixels.length && pixels[k].ring <= radius; k++) {
      const { i, j } = pixels[k], p = at(i, j), q = between(cos * i - sin * j, sin * i + cos * j, at);
      if (Number.isNaN(p) || Number.isNaN(q)) continue;
      m++; a += p; b += q; aa += p * p; bb += q * q; ab += p * q;
    }
    if (m < 2) continue;
    const va = aa / m - (a / m) ** 2, vb = bb / m - (b / m) ** 2;
    if (Math.min(va, vb) > 1e-9) result[radius] = (ab / m - (a / m) * (b / m)) / Math.sqrt(va * vb);
  }
  return result;
}

function between(x, y, at) { // bilinear
  const i = Math.floor(x), j = Math.floor(y), s = x - i, t = y - j;
  let sum = 0;
  for (const [di, dj, weight] of [[0, 0, (1 - s) * (1 - t)], [0, 1, (1 - s) * t], [1, 0, s * (1 - t)], [1, 1, s * t]]) {
    if (weight > 1e-12) sum += weight * at(i + di, j + dj);
  }
  return sum;
}

// Mean distance of the up to six peaks nearest to the center, in bins; NaN for fewer than three.
function peakSpacing(correlogram, n, inner) {
  const wide = 2 * n - 1, middle = n - 1, found = [];
  for (let x = 1; x < wide - 1; x++) for (let y = 1; y < wide - 1; y++) {
    const value = correlogram[x * wide + y], far = Math.hypot(x - middle, y - middle);
    if (!(value > 0.1) || far <= inner || far > 0.9 * n) continue;
    let highest = true;
    for (let dx = -2; dx <= 2 && highest; dx++) for (let dy = -2; dy <= 2; dy++) {
      const other = correlogram[clamp(x + dx, 0, wide - 1) * wide + clamp(y + dy, 0, wide - 1)];
      if (other > value || (other === value && (dx < 0 || (dx === 0 && dy < 0)))) { highest = false; break; }
    }
    if (highest) found.push(far);
  }
  found.sort((one, other) => one - other);
  const nearest = found.slice(0, 6);
  return nearest.length < 3 ? NaN : nearest.reduce((sum, far) => sum + far, 0) / nearest.length;
}
