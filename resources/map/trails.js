"use strict";
// Where vehicles have been, on canvas tiles: gathered anew every few seconds at the most, thinned to what a pixel shows.
controlroom.SILENCE_MS = 60000;
controlroom.LARGE_MAP = 6e6;

controlroom.Trails = L.GridLayer.extend({
  options: { tileSize: 512, keepBuffer: 1, updateWhenZooming: false, updateWhenIdle: false },

  initialize: function (movers, options) {
    L.setOptions(this, options);
    this.movers = movers;
    this.held = new Map();
    this.spec = { mode: "off", minutes: 5, marked: [], zone: 0 };
    this._drawn = controlroom.heldTiles(this);
    this._filled = new Set();
    this._lines = new Map();
    this._due = false;
    this._drawnAt = 0;
    this._new = new Set();
    this._soon = controlroom.oncePerFrame(() => this.draw());
    this._fill = controlroom.oncePerFrame(() => this.fill());
    setInterval(() => this.step(), 500);
  },

  dress: function (theme) {
    this.theme = theme;
    this._soon();
  },

  // On a very large map the trails rest while it moves: to blend them into every frame would cost a fifth of all frames.
  onAdd: function (map) {
    L.GridLayer.prototype.onAdd.call(this, map);
    map.on("movestart", this._hide, this).on("moveend", this._unhide, this);
  },

  onRemove: function (map) {
    map.off("movestart", this._hide, this).off("moveend", this._unhide, this);
    this._unhide();
    L.GridLayer.prototype.onRemove.call(this, map);
  },

  _hide: function () {
    const size = this._map.getSize(), ratio = window.devicePixelRatio || 1;
    if (size.x * size.y * ratio * ratio > controlroom.LARGE_MAP) this._container.style.display = "none";
  },

  _unhide: function () {
    this._container.style.display = "";
  },

  // {mode, minutes, marked: [index], zone: ms ahead of UTC}
  set: function (spec) {
    this.spec = spec;
    this._soon();
  },

  feed: function (frame) {
    if (frame.layer === 1) this.held.clear();
    const { time, index, x, y } = frame;
    for (let k = 0; k < index.length; k++) {
      let trail = this.held.get(index[k]);
      if (!trail) this.held.set(index[k], (trail = { x: [], y: [], time: [], box: [Infinity, Infinity, -Infinity, -Infinity] }));
      controlroom.widen(trail.box, x[k], y[k]);
      trail.x.push(x[k]);
      trail.y.push(y[k]);
      trail.time.push(time[k]);
    }
    if (frame.layer === 1) this._soon();
    else this._due = true;
  },

  createTile: function (coords) {
    const tile = new controlroom.Tile(coords, this.options.tileSize, undefined, this._expects(coords));
    const key = this._tileCoordsToKey(coords);
    this._drawn.set(key, tile);
    this._new.add(key);
    this._fill();
    return tile.canvas;
  },

  // Whether a trail may cross a tile that comes: only then a canvas that others left is of use to it.
  _expects: function (coords) {
    const side = (this.options.tileSize * controlroom.WORLD) / (256 * Math.pow(2, coords.z));
    const west = coords.x * side, north = coords.y * side;
    for (const { box } of this.held.values())
      if (box[0] < west + side && box[2] > west && box[1] < north + side && box[3] > north) return true;
    return false;
  },

  // Whether a tile has come of which nothing is drawn yet.
  waits: function () {
    return this._new.size > 0;
  },

  // A closer look shows fewer trails and more of what is missing at their ends.
  step: function () {
    const rest = this._tileZoom >= 14 ? 900 : 2900;
    if (this._due && performance.now() - this._drawnAt >= rest) this.draw();
  },

  // Only the tiles that came into sight: a drag must not draw all others anew.
  fill: function () {
    const fresh = new Map();
    for (const key of this._new) if (this._drawn.has(key)) fresh.set(key, this._drawn.get(key));
    this._new.clear();
    const ready = this._map && this._tileZoom !== undefined && this.theme && fresh.size;
    const tiles = ready ? this._gather(this._tileZoom, fresh) : new Map();
    for (const [key, tile] of fresh) if (!tiles.has(key)) tile.shut();
    this._strokeAll(tiles);
  },

  draw: function () {
    const zoom = this._tileZoom;
    if (!this._map || zoom === undefined || !this.theme) return;
    this._due = false;
    this._drawnAt = performance.now();
    const tiles = this._gather(zoom, this._drawn);
    for (const key of this._filled) {
      const tile = this._drawn.get(key);
      if (tile && tiles.has(key)) tile.context.clearRect(0, 0, tile.side, tile.side);
      else if (tile) tile.shut();
    }
    this._filled.clear();
    for (const key of this._new) if (!tiles.has(key) && this._drawn.has(key)) this._drawn.get(key).shut();
    this._new.clear();
    this._strokeAll(tiles);
  },

  _strokeAll: function (tiles) {
    for (const [key, lines] of tiles) {
      const tile = this._drawn.get(key);
      const context = tile.open();
      this._filled.add(key);
      const left = tile.coords.x * tile.side, top = tile.coords.y * tile.side;
      for (const line of lines) this._stroke(context, line, left, top, tile.ratio);
    }
  },

  // Lines of pixels by tile; what is too old is dropped on the way.
  _gather: function (zoom, drawn) {
    const ratio = window.devicePixelRatio || 1;
    const side = Math.round(this.options.tileSize * ratio);
    const scale = controlroom.scaleAt(zoom, ratio);
    const now = performance.now();
    const clock = this.movers.clock ? this.movers.clock + (now - this.movers.clockAt) : 0;
    const since = clock - this.spec.minutes * 60000;
    const tiles = new Map();
    if (this.spec.mode === "off") return tiles;
    const marked = new Set(this.spec.marked), seen = this._seen(drawn, scale, side);
    for (const [index, trail] of this.held) {
      let old = 0;
      while (old < trail.time.length && trail.time[old] < since) old++;
      if (old) for (const name of ["x", "y", "time"]) trail[name].splice(0, old);
      if (!trail.time.length) {
        this.held.delete(index);
        continue;
      }
      if (this.movers.heard && this.movers.heard[index]) controlroom.widen(trail.box, ...this.movers._place(index, now));
      const [left, top, right, bottom] = trail.box;
      if (right < seen[0] || left > seen[2] || bottom < seen[1] || top > seen[3]) continue;
      const line = this._line(index, trail, scale, ratio, marked.has(index), now);
      const [west, north, east, south] = line.box;
      for (let column = Math.floor(west / side); column * side <= east; column++)
        for (let row = Math.floor(north / side); row * side <= south; row++) {
          const key = column + ":" + row + ":" + zoom;
          if (!drawn.has(key)) continue;
          if (!tiles.has(key)) tiles.set(key, []);
          line.marked ? tiles.get(key).push(line) : tiles.get(key).unshift(line);
        }
    }
    return tiles;
  },

  // The part of the world that has tiles, and a little around it.
  _seen: function (drawn, scale, side) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (const { coords } of drawn.values()) {
      controlroom.widen(box, coords.x - 0.2, coords.y - 0.2);
      controlroom.widen(box, coords.x + 1.2, coords.y + 1.2);
    }
    return box.map((edge) => (edge * side) / scale);
  },

  _line: function (index, trail, scale, ratio, marked, now) {
    const parts = [], near = (marked ? 1 : 2) * ratio;
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    const margin = (marked ? 60 : 3) * ratio;
    let part = null, before = -Infinity;
    const add = (x, y, time, last) => {
      const px = x * scale, py = y * scale;
      if (!part || time - before > controlroom.SILENCE_MS) parts.push((part = []));
      before = time;
      const n = part.length;
      if (n && !last && Math.abs(px - part[n - 2]) + Math.abs(py - part[n - 1]) < near) return;
      part.push(px, py);
      controlroom.widen(box, px, py);
    };
    for (let k = 0; k < trail.x.length; k++) add(trail.x[k], trail.y[k], trail.time[k], false);
    if (this.movers.heard && this.movers.heard[index]) add(...this.movers._place(index, now), this.movers.time[index], true);
    box[0] -= margin;
    box[1] -= margin;
    box[2] += margin;
    box[3] += margin;
    const service = this.movers.vehicleClass && this.movers.vehicleClass[index];
    return { parts, box, marked, service, times: marked ? this._times(trail, scale) : [] };
  },

  // Marks of time on a trail: every minute of a short one, every five of a long one.
  _times: function (trail, scale) {
    const step = this.spec.minutes > 10 ? 300000 : this.spec.minutes > 5 ? 120000 : 60000;
    const found = [];
    for (let k = 1; k < trail.time.length; k++) {
      const mark = Math.floor(trail.time[k] / step) * step;
      const from = trail.time[k - 1];
      if (mark <= from || trail.time[k] - from > controlroom.SILENCE_MS) continue;
      const share = (mark - from) / (trail.time[k] - from);
      const at = new Date(mark + this.spec.zone);
      const text = String(at.getUTCHours()).padStart(2, "0") + ":" + String(at.getUTCMinutes()).padStart(2, "0");
      found.push([
        (trail.x[k - 1] + (trail.x[k] - trail.x[k - 1]) * share) * scale,
        (trail.y[k - 1] + (trail.y[k] - trail.y[k - 1]) * share) * scale, text]);
    }
    return found;
  },

  _stroke: function (context, line, left, top, ratio) {
    const theme = this.theme, colour = line.marked || line.service ? theme.service : theme.vehicle;
    context.lineJoin = context.lineCap = "round";
    context.strokeStyle = colour;
    context.globalAlpha = line.marked ? 1 : 0.45;
    context.lineWidth = (line.marked ? 3 : 1.4) * ratio;
    context.beginPath();
    for (const part of line.parts)
      for (let k = 0; k < part.length; k += 2)
        k ? context.lineTo(part[k] - left, part[k + 1] - top) : context.moveTo(part[k] - left, part[k + 1] - top);
    context.stroke();
    context.globalAlpha = 1;
    if (!line.times.length) return;
    context.font = `600 ${11 * ratio}px "Noto Sans CJK SC", sans-serif`;
    context.textBaseline = "middle";
    let lastX = -Infinity, lastY = -Infinity;
    for (const [x, y, text] of line.times) {
      const px = x - left, py = y - top;
      context.beginPath();
      context.arc(px, py, 3.2 * ratio, 0, 2 * Math.PI);
      context.fillStyle = theme.land;
      context.fill();
      context.lineWidth = 1.6 * ratio;
      context.strokeStyle = theme.service;
      context.stroke();
      if (Math.hypot(px - lastX, py - lastY) < 44 * ratio) continue;
      lastX = px;
      lastY = py;
      context.lineWidth = 3 * ratio;
      context.strokeStyle = theme.ground;
      context.strokeText(text, px + 4 * ratio, py - 11 * ratio);
      context.fillStyle = theme.ink;
      context.fillText(text, px + 4 * ratio, py - 11 * ratio);
    }
  },
});
