// ---- walk: where the animal goes, by itself as in sicgrid.trajectories.arena_walks, or steered ----

// The normal distribution function: how a Gaussian process becomes a speed that is uniform on (0, max_speed).
const normalShare = (x) => 0.5 * (1 + erf(x / Math.SQRT2));

class Walk {
  constructor(settings, random) {
    this.settings = settings;
    this.random = random;
    this.box = 2;
    this.target = null; // where the pointer is, meters
    this.keys = new Set();
    this.alone = true;
    this.home();
    this.heading = TAU * random.uniform();
    this.quick = random.normal();
    this.turn = random.normal();
  }
  home() { this.x = this.y = 0; }

  // A displacement, meters, that keeps the animal in its box.
  next() {
    const { max_speed } = this.settings;
    let dx = 0, dy = 0;
    if (this.target) {
      const away = [this.target[0] - this.x, this.target[1] - this.y], far = Math.hypot(...away);
      const length = Math.min(max_speed, 0.35 * far);
      if (far > 0.005) { dx = (length * away[0]) / far; dy = (length * away[1]) / far; }
    } else if (this.keys.size) {
      const has = (...names) => names.some((name) => this.keys.has(name));
      dx = has("ArrowRight", "d") - has("ArrowLeft", "a");
      dy = has("ArrowUp", "w") - has("ArrowDown", "s");
      const length = Math.hypot(dx, dy) || 1;
      dx *= (0.6 * max_speed) / length; dy *= (0.6 * max_speed) / length;
    } else if (this.alone) {
      [dx, dy] = this.wander();
    }
    if (dx || dy) this.heading = Math.atan2(dy, dx);
    const [x, y] = [this.folded(this.x + dx), this.folded(this.y + dy)];
    const moved = [x - this.x, y - this.y];
    if (moved[0] * dx < 0 || moved[1] * dy < 0) this.heading = Math.atan2(moved[1], moved[0]);
    return moved;
  }
  wander() {
    const { max_speed, speed_time, turning, turning_time } = this.settings;
    this.quick = this.drawn(this.quick, speed_time);
    this.turn = this.drawn(this.turn, turning_time);
    this.heading += turning * this.turn;
    const speed = max_speed * normalShare(this.quick);
    return [speed * Math.cos(this.heading), speed * Math.sin(this.heading)];
  }
  drawn(value, time) { // Ornstein-Uhlenbeck, of unit variance
    const kept = time > 0 ? Math.exp(-1 / time) : 0;
    return kept * value + Math.sqrt(1 - kept * kept) * this.random.normal();
  }
  folded(value) {
    const half = this.box / 2;
    if (value > half) return Math.max(-half, this.box - value);
    if (value < -half) return Math.min(half, -this.box - value);
    return value;
  }
  move([dx, dy]) { this.x += dx; this.y += dy; }
  get atWall() { return Math.max(Math.abs(this.x), Math.abs(this.y)) > this.box / 2 - 0.08; }
}
