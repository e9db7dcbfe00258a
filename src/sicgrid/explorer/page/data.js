// ---- data: what Python packed (explorer/_packing.py), taken apart again ----

const ARRAY_KINDS = { int8: Int8Array, uint8: Uint8Array, int16: Int16Array, uint16: Uint16Array, float32: Float32Array };

// A block is deflated JSON, a line, that says where each array lies in the bytes after it.
async function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const block = new Uint8Array(await new Response(stream).arrayBuffer());
  const end = block.indexOf(10) + 1;
  const arrays = {};
  for (const { name, kind, shape, start } of JSON.parse(new TextDecoder().decode(block.subarray(0, end)))) {
    const count = shape.reduce((a, b) => a * b, 1);
    arrays[name] = Object.assign(new ARRAY_KINDS[kind](block.buffer, end + start, count), { shape });
  }
  return arrays;
}

async function readSubjects() {
  const abouts = [...document.querySelectorAll("script.about")].map((one) => JSON.parse(one.textContent));
  const texts = [...document.querySelectorAll("script.arrays")].map((one) => one.textContent);
  return Promise.all(abouts.map(async (about, index) => ({ about, arrays: await unpack(texts[index]) })));
}

// Random numbers that start the same at every visit, so that a link shows what its sender saw (Mulberry32).
class Random {
  constructor(seed) { this.state = seed >>> 0; this.spare = null; }
  uniform() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
  normal() {
    if (this.spare !== null) { const kept = this.spare; this.spare = null; return kept; }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform())), angle = 2 * Math.PI * this.uniform();
    this.spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }
}

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
const wrap = (turns) => turns - Math.round(turns); // to [-1/2, 1/2]
const TAU = 2 * Math.PI;
