// Numbers: scales, ticks, colours, and how values are written.

const clamp = (v, low, high) => Math.min(high, Math.max(low, v));

/** A linear scale from [d0, d1] to [r0, r1], with its inverse. */
function scale(d0, d1, r0, r1) {
  const k = (r1 - r0) / (d1 - d0 || 1);
  const at = (v) => r0 + (v - d0) * k;
  at.back = (p) => d0 + (p - r0) / k;
  return at;
}

/** The multiples of `step` between low and high. */
function multiples(low, high, step) {
  const found = [];
  for (let i = Math.ceil(low / step); i * step <= high + step * 1e-9; i += 1) {
    found.push(i * step);
  }
  return found;
}

/** About `count` round values between low and high; one alone would tell no scale. */
function ticks(low, high, count) {
  const rough = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((m) => m * power >= rough) * power;
  const found = multiples(low, high, step);
  return found.length < 2 ? multiples(low, high, step / 2) : found;
}

/** A value with three digits and a true minus sign. */
function shown(value) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size < 5e-7) return "0";
  const text = size >= 1e5 || size < 1e-3 ? size.toExponential(2) : String(+size.toPrecision(3));
  return (value < 0 ? "−" : "") + text;
}

const inWords = (first, last) => (first === last ? `point ${first}` : `points ${first}–${last}`);

const channelsOf = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));

/** The colour of `share` (0 to 1) on evenly spaced stops, as [red, green, blue]. */
function mixed(stops, share) {
  const place = clamp(share, 0, 1) * (stops.length - 1);
  const i = Math.min(Math.floor(place), stops.length - 2);
  const [a, b] = [channelsOf(stops[i]), channelsOf(stops[i + 1])];
  return a.map((v, k) => Math.round(v + (b[k] - v) * (place - i)));
}

/** A picture one pixel high with the colours of `values`: a strip of any length, one element. */
function stripImage(values, limits, stops) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [values.length, 1];
  const pen = canvas.getContext("2d");
  const image = pen.createImageData(values.length, 1);
  const span = limits[1] - limits[0] || 1;
  values.forEach((v, i) => {
    image.data.set([...mixed(stops, (v - limits[0]) / span), 255], 4 * i);
  });
  pen.putImageData(image, 0, 0);
  return canvas.toDataURL();
}
