// ---- model: the network itself, g <- NormReLU(W(v) g), as sicgrid.model has it ----

function erf(x) { // its series near 0, the continued fraction of its complement beyond
  const far = Math.abs(x);
  if (far > 6) return Math.sign(x);
  if (far < 2.5) {
    let term = x, sum = x;
    for (let n = 1; n < 60 && Math.abs(term) > 1e-17; n++) { term *= (-x * x) / n; sum += term / (2 * n + 1); }
    return (2 / Math.sqrt(Math.PI)) * sum;
  }
  let below = far;
  for (let k = 60; k > 0; k--) below = far + k / 2 / below;
  return Math.sign(x) * (1 - Math.exp(-far * far) / (Math.sqrt(Math.PI) * below));
}
const ACTIVATIONS = {
  relu: (x) => (x > 0 ? x : 0),
  silu: (x) => x / (1 + Math.exp(-x)),
  tanh: Math.tanh,
  gelu: (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)),
};

// One population: an MLP that makes the entries of W(v), whole or a band of it, and a norm.
class Population {
  constructor(about, arrays, name) {
    Object.assign(this, about);
    this.activate = ACTIVATIONS[about.activation];
    this.weights = [];
    for (let layer = 0; layer < about.layers; layer++) {
      const stored = arrays[`${name}.weight${layer}`], scale = arrays[`${name}.scale${layer}`];
      const [rows, columns] = stored.shape;
      let weight = stored;
      if (scale) {
        weight = new Float32Array(rows * columns);
        for (let k = 0; k < weight.length; k++) weight[k] = scale[(k / columns) | 0] * stored[k];
      }
      this.weights.push({ weight, bias: arrays[`${name}.bias${layer}`], rows, columns });
    }
    this.columns = this.width || this.units; // entries of W(v) that a unit sends out
    this.around = this.norm_range > 0 ? neighborhood(this.units, this.norm_range, this.sheet) : null;
    this.z = new Float64Array(this.units);
    this.squares = new Float64Array(this.units);
  }

  // What the last layer sees: the velocity through all layers before it.
  hidden(vx, vy) {
    let values = Float64Array.of(Math.fround(vx) / this.velocity_scale, Math.fround(vy) / this.velocity_scale);
    for (const { weight, bias, rows, columns } of this.weights.slice(0, -1)) {
      const next = new Float64Array(rows);
      for (let row = 0; row < rows; row++) {
        let sum = bias[row];
        for (let k = 0, at = row * columns; k < columns; k++) sum += weight[at + k] * values[k];
        next[row] = this.activate(sum);
      }
      values = next;
    }
    return values;
  }

  // z = g M(v). Rows of silent units are not made: that is a half of them.
  drive(state, first, vx, vy) {
    const { units, columns, z } = this, values = this.hidden(vx, vy), inner = values.length;
    const { weight, bias } = this.weights.at(-1);
    const low = this.width ? this.reach : 0, line = this.width && this.sheet === "line";
    z.fill(0);
    for (let from = 0; from < units; from++) {
      const rate = state[first + from];
      if (rate === 0) continue;
      for (let entry = 0; entry < columns; entry++) {
        let to = entry;
        if (this.width) {
          to = from + entry - low;
          if (to < 0 || to >= units) {
            if (line) continue;
            to = (to + units) % units;
          }
        }
        const row = from * columns + entry;
        let at = row * inner, sum = bias[row], k = 0;
        for (; k + 3 < inner; k += 4, at += 4) {
          sum += weight[at] * values[k] + weight[at + 1] * values[k + 1] + weight[at + 2] * values[k + 2] + weight[at + 3] * values[k + 3];
        }
        for (; k < inner; k++, at++) sum += weight[at] * values[k];
        z[to] += rate * sum;
      }
    }
  }

  // NormReLU of z, local where the units have places, times the population's share; silenced units stay at 0.
  normalize(z, out, first, share, silenced) {
    const { units, around, squares } = this;
    for (let unit = 0; unit < units; unit++) if (!(z[unit] > 0) || silenced[first + unit]) z[unit] = 0;
    if (around) {
      for (let unit = 0; unit < units; unit++) {
        let sum = 0;
        for (let other = 0; other < units; other++) sum += around[unit * units + other] * z[other] * z[other];
        squares[unit] = sum;
      }
      for (let unit = 0; unit < units; unit++) z[unit] = squares[unit] > 0 ? z[unit] / Math.sqrt(squares[unit]) : 0;
    }
    let norm = 0;
    for (let unit = 0; unit < units; unit++) norm += z[unit] * z[unit];
    norm = Math.sqrt(norm);
    const uniform = units ** -0.5;
    for (let unit = 0; unit < units; unit++) {
      const value = norm > 0 ? z[unit] / norm : silenced[first + unit] ? 0 : uniform;
      out[first + unit] = share * value;
    }
  }
}

function neighborhood(units, range, sheet) {
  const weights = new Float64Array(units * units);
  for (let unit = 0; unit < units; unit++) {
    let sum = 0;
    for (let other = 0; other < units; other++) {
      let apart = Math.abs(unit - other);
      if (sheet === "ring") apart = Math.min(apart, units - apart);
      sum += weights[unit * units + other] = Math.exp(-0.5 * (apart / range) ** 2);
    }
    for (let other = 0; other < units; other++) weights[unit * units + other] /= sum;
  }
  return weights;
}

class Network {
  constructor(about, arrays) {
    this.populations = about.populations.map((one, index) => new Population(one, arrays, `p${index}`));
    this.starts = about.populations.map((_, index) => arrays[`p${index}.start`]);
    this.units = this.populations.reduce((sum, one) => sum + one.units, 0);
    this.share = this.populations.length ** -0.5;
    this.silenced = new Uint8Array(this.units);
  }
  each(work) {
    let first = 0;
    this.populations.forEach((population, index) => { work(population, first, index); first += population.units; });
  }
  initialState() {
    const state = new Float32Array(this.units);
    this.each((population, first, index) => population.normalize(Float64Array.from(this.starts[index]), state, first, this.share, this.silenced));
    return state;
  }
  step(state, vx, vy, out) {
    this.each((population, first) => {
      population.drive(state, first, vx, vy);
      population.normalize(population.z, out, first, this.share, this.silenced);
    });
    return out;
  }
  // Any vector brought to where states lie, in place.
  project(vector) {
    this.each((population, first) => {
      const own = Float64Array.from(vector.subarray(first, first + population.units));
      population.normalize(own, vector, first, this.share, this.silenced);
    });
    return vector;
  }
}
