// What an edit looks like before Python has made it: the formulas of tscviz.explain.brush and
// tscviz.explain.editing, for the preview while the pointer moves. What counts is Python's answer.

const SEAM = 3;

/** Weight of a brush `width` points wide at a distance from its middle. */
function brushWeight(distance, width) {
  const away = Math.abs(distance);
  return away < width / 2 ? 0.5 + 0.5 * Math.cos((2 * Math.PI * away) / width) : 0;
}

/** Weight of the new values in a stretch of n points: 1, with a rise at the ends asked for. */
function seams(n, left, right) {
  const reach = Math.min(SEAM, left && right ? Math.floor(n / 2) : n);
  const weight = new Array(n).fill(1);
  for (let i = 0; i < reach; i += 1) {
    const rise = 0.5 - 0.5 * Math.cos((Math.PI * (i + 1)) / (reach + 1));
    if (left) weight[i] = rise;
    if (right) weight[n - 1 - i] = Math.min(weight[n - 1 - i], rise);
  }
  return weight;
}

/** Values of x at a place between its points. */
function between(x, place) {
  const i = clamp(Math.floor(place), 0, x.length - 1);
  const j = Math.min(i + 1, x.length - 1);
  return x[i] + (x[j] - x[i]) * (place - i);
}

const SHAPES = {
  drag(x, { at, by, width }) {
    return x.map((v, t) => v + by * brushWeight(t - at, width));
  },

  draw(x, { stroke, width }) {
    const out = x.slice();
    const touched = new Set();
    const put = (t, v) => {
      const i = clamp(Math.round(t), 0, x.length - 1);
      out[i] = v;
      touched.add(i);
    };
    put(stroke[0], stroke[1]);
    for (let k = 2; k < stroke.length; k += 2) {
      const [t0, v0, t1, v1] = stroke.slice(k - 2, k + 2);
      const [low, high] = [Math.min(t0, t1), Math.max(t0, t1)];
      for (let t = Math.ceil(low); t <= Math.floor(high) && high > low; t += 1) {
        put(t, v0 + ((v1 - v0) * (t - t0)) / (t1 - t0));
      }
      const end = clamp(Math.round(t1), 0, x.length - 1);
      if (!touched.has(end) || t1 === end) put(end, v1);
    }
    const [first, last] = [Math.min(...touched), Math.max(...touched)];
    const gaps = [out[first] - x[first], out[last] - x[last]];
    for (let t = 0; t < first; t += 1) out[t] += brushWeight(first - t, width) * gaps[0];
    for (let t = last + 1; t < x.length; t += 1) out[t] += brushWeight(t - last, width) * gaps[1];
    return out;
  },

  lift(x, { by }, a, b) {
    const weight = seams(b - a, a > 0, b < x.length);
    return x.map((v, t) => (t >= a && t < b ? v + weight[t - a] * by : v));
  },

  scale(x, { factor }, a, b) {
    const level = (t) => x[a] + ((x[b - 1] - x[a]) * (t - a)) / Math.max(1, b - 1 - a);
    return x.map((v, t) => (t >= a && t < b ? level(t) + factor * (v - level(t)) : v));
  },

  warp(x, { by }, a, b) {
    const n = b - a;
    const middle = 0.5 + by / Math.max(n - 1, 1);
    const k = middle / (1 - middle);
    const part = x.slice(a, b);
    return x.map((v, t) => {
      if (t < a || t >= b) return v;
      const u = n > 1 ? (t - a) / (n - 1) : 0;
      return between(part, (u / (k - (k - 1) * u)) * (n - 1));
    });
  },

  shift(x, { by }, a, b) {
    if (by < 0) {
      return SHAPES.shift(x.slice().reverse(), { by: -by }, x.length - b, x.length - a).reverse();
    }
    const out = x.slice();
    const [start, stop] = [a + by, Math.min(b + by, x.length)];
    const weight = seams(stop - start, false, stop < x.length);
    for (let t = start; t < stop; t += 1) {
      out[t] += weight[t - start] * (x[t - by] - out[t]);
    }
    const before = a ? x[a - 1] : out[start];
    for (let t = a; t < start; t += 1) {
      out[t] = before + ((out[start] - before) * (t - a + 1)) / (by + 1);
    }
    return out;
  },
};
