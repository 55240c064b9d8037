"use strict";
// Points on canvas tiles, straight from typed arrays: below CLUSTER_BELOW counts per cell with the worst state,
// from there on every point. Measured to hold with a million points.
controlroom.CLUSTER_BELOW = 13;
controlroom.CELL = 64;
controlroom.SINGLES = 4;

controlroom.PointTiles = L.GridLayer.extend({
  options: { tileSize: 512, keepBuffer: 1, updateWhenZooming: false, updateWhenIdle: false },

  initialize: function (kind, badge, options) {
    L.setOptions(this, options);
    this.kind = kind;
    this.badge = badge;
    this.x = this.y = new Uint32Array(0);
    this.state = new Uint8Array(0);
    this.texts = [];
    this.kinds = new controlroom.Kinds();
    this.classes = [];
    this.textZoom = 12;
    this.alerts = 255;
    this.chosen = null;
    this.index = new controlroom.PointIndex(this.x, this.y);
    this._drawn = controlroom.heldTiles(this);
    this._old = new Set();
    this._rest = new Set();
    this._flush = controlroom.oncePerFrame(() => this._redrawOld());
  },

  dress: function (theme, classes) {
    this.theme = theme;
    this.classes = classes || this.classes;
    this.looks = controlroom.looks(this.kind, theme, this.classes, this.alerts);
    this._stamps = new Map();
    this.redrawAll();
  },

  load: function (x, y, state) {
    this.kinds.assign(new Uint16Array(0), x.length);
    this.x = x;
    this.y = y;
    this.state = state;
    this.chosen = null;
    this.index = new controlroom.PointIndex(x, y);
    this.redrawAll();
  },

  choose: function (index) {
    this.chosen = index.length ? new Uint8Array(this.x.length) : null;
    for (const i of index) if (i < this.x.length) this.chosen[i] = 1;
    this.redrawAll();
  },

  setStates: function (index, state) {
    const zoom = this._tileZoom;
    const side = (this.options.tileSize * controlroom.WORLD) / (256 * Math.pow(2, zoom || 0));
    const reach = zoom >= controlroom.CLUSTER_BELOW ? side / 36 : 0;
    for (let i = 0; i < index.length; i++) {
      const at = index[i];
      this.state[at] = state[i];
      if (index.length > 4000 || zoom === undefined) continue;
      const x = this.x[at], y = this.y[at];
      for (let column = Math.floor((x - reach) / side); column * side <= x + reach; column++)
        for (let row = Math.floor((y - reach) / side); row * side <= y + reach; row++) {
          const key = column + ":" + row + ":" + zoom;
          if (this._drawn.has(key)) this._old.add(key);
        }
    }
    if (index.length > 4000) this.redrawAll();
    else if (this._old.size) this._flush();
  },

  setAllStates: function (state) {
    this.state = state;
    this.redrawAll();
  },

  // Kinds are drawn by number; the points stay where they are.
  setKinds: function (kind) {
    this.kinds.assign(kind, this.x.length);
    this.redrawAll();
  },

  nameKinds: function (names) {
    this.kinds.name(names);
    this.redrawAll();
  },

  // `change`: shown, opacity, rank.
  wishKind: function (name, change) {
    if (this.kinds.wish(name, change)) this.redrawAll();
  },

  redrawAll: function () {
    for (const key of this._drawn.keys()) this._old.add(key);
    this._flush();
  },

  createTile: function (coords) {
    const tile = new controlroom.Tile(coords, this.options.tileSize, { willReadFrequently: true });
    this._drawn.set(this._tileCoordsToKey(coords), tile);
    this._draw(tile);
    return tile.canvas;
  },

  // The nearest point within `reach` pixels, abnormal ones first: {index, count}, count > 1 for a cell; or null.
  pick: function (latlng, zoom, reach) {
    if (!this.x.length) return null;
    const [x, y] = controlroom.toWorld(latlng.lng, latlng.lat);
    const scale = controlroom.scaleAt(zoom, 1);
    if (zoom < controlroom.CLUSTER_BELOW) {
      const side = controlroom.CELL / scale;
      const left = Math.floor(x / side) * side, top = Math.floor(y / side) * side;
      const inside = this._inside(left, top, left + side, top + side);
      if (inside.length > controlroom.SINGLES) return { index: inside[0], count: inside.length };
    }
    const near = reach / scale;
    let best = null, least = Infinity;
    for (const i of this._inside(x - near, y - near, x + near, y + near)) {
      const far = Math.hypot(this.x[i] - x, this.y[i] - y) / near - (this.state[i] >= this.looks.alerts ? 0.4 : 0);
      if (far < least && Math.hypot(this.x[i] - x, this.y[i] - y) <= near) {
        least = far;
        best = { index: i, count: 1 };
      }
    }
    return best;
  },

  _inside: function (left, top, right, bottom) {
    const ranges = this.index.ranges(left, top, right, bottom);
    const { order, x, y } = this.index;
    const found = [];
    for (let r = 0; r < ranges.length; r += 2)
      for (let k = ranges[r]; k < ranges[r + 1]; k++) {
        const i = order[k];
        if (this.kinds.masked && this.kinds.hidden[this.kinds.of[i]]) continue;
        if (x[k] >= left && x[k] < right && y[k] >= top && y[k] < bottom) found.push(i);
      }
    return found;
  },

  // What is in sight is drawn at once, what lies beyond the edges when the map begins to move: till then it may change often.
  _redrawOld: function () {
    for (const key of this._old) {
      const tile = this._drawn.get(key);
      if (tile && !this._inSight(tile)) continue;
      this._old.delete(key);
      const part = tile && !this._moving ? this._sight(tile) : null;
      part ? this._rest.add(key) : this._rest.delete(key);
      if (tile) this._draw(tile, part);
    }
  },

  // The map begins to move, or shows more: all of a tile in sight must be as things are.
  _complete: function () {
    for (const key of this._rest) this._old.add(key);
    this._rest.clear();
    if (!this._old.size) return;
    const before = this._moving;
    this._moving = true;
    this._redrawOld();
    this._moving = before;
  },

  getEvents: function () {
    const events = L.GridLayer.prototype.getEvents.call(this);
    const also = (name, work) => {
      const theirs = events[name];
      events[name] = function (event) {
        if (theirs) theirs.call(this, event);
        work();
      };
    };
    also("movestart", () => {
      this._moving = true;
      this._complete();
    });
    for (const name of ["move", "resize"]) also(name, () => this._complete());
    also("moveend", () => {
      this._complete();
      this._moving = false;
    });
    return events;
  },

  // Whether a tile in sight shows what is no longer so.
  waits: function () {
    for (const key of this._old) if (this._drawn.has(key) && this._inSight(this._drawn.get(key))) return true;
    return false;
  },

  // The part of a tile that is in sight, in its own pixels; null where it is to be drawn as a whole.
  _sight: function (tile) {
    const { coords, ratio, side } = tile;
    if (!this._map || this._map.getZoom() !== coords.z || coords.z < controlroom.CLUSTER_BELOW || this.texts.length) return null;
    const seen = this._map.getPixelBounds(), hold = (value) => Math.max(0, Math.min(side, value));
    const left = hold(Math.floor(seen.min.x * ratio - coords.x * side)), right = hold(Math.ceil(seen.max.x * ratio - coords.x * side));
    const top = hold(Math.floor(seen.min.y * ratio - coords.y * side)), bottom = hold(Math.ceil(seen.max.y * ratio - coords.y * side));
    return right - left < side || bottom - top < side ? { left, top, right, bottom } : null;
  },

  _inSight: function (tile) {
    if (!this._map || this._map.getZoom() !== tile.coords.z) return true;
    const seen = this._map.getPixelBounds(), side = this.options.tileSize, x = tile.coords.x * side, y = tile.coords.y * side;
    return x < seen.max.x && x + side > seen.min.x && y < seen.max.y && y + side > seen.min.y;
  },

  // A change is on the canvas before its frame begins; a second one waits for the next frame.
  drawSoon: function () {
    if (!this._old.size || this._fresh) return;
    this._fresh = true;
    requestAnimationFrame(() => (this._fresh = false));
    this._redrawOld();
  },

  _stamp: function (state, size, ratio, level = controlroom.FULL) {
    const key = (state * 4 + size) * 32 + level;
    let stamp = this._stamps.get(key);
    if (!stamp) {
      const look = this.looks.states[state] || this.looks.states[0];
      stamp = new controlroom.Stamp(look, ratio * [state < this.looks.alerts ? 0.75 : 0.9, 1, 1.35][size], level / controlroom.FULL);
      this._stamps.set(key, stamp);
    }
    return stamp;
  },

  _ring: function (size, ratio) {
    const key = "ring" + size;
    if (!this._stamps.has(key)) {
      const look = { shape: "circle", stroke: this.theme.service, radius: [5.5, 7, 10][size] };
      this._stamps.set(key, new controlroom.Stamp(look, ratio));
    }
    return this._stamps.get(key);
  },

  // `part`: nothing else of it is drawn anew.
  _draw: function (tile, part) {
    const { coords, ratio, side } = tile;
    const scale = controlroom.scaleAt(coords.z, ratio);
    const left = coords.x * side, top = coords.y * side;
    const from = part || { left: 0, top: 0, right: side, bottom: side };
    const clustered = coords.z < controlroom.CLUSTER_BELOW;
    const margin = (clustered ? 0 : 14) * ratio;
    const textMargin = this.texts.length ? 160 * ratio : margin;
    const ranges = this.index.ranges(
      (left + from.left - textMargin) / scale, (top + from.top - margin) / scale,
      (left + from.right + margin) / scale, (top + from.bottom + margin) / scale);
    if (!this.looks || (!ranges.length && (!part || !tile.opened))) return tile.shut();
    const context = tile.open();
    const memory = controlroom.tileMemory(context, side);
    const cells = clustered ? this._count(ranges, scale, left, top, side, ratio) : null;
    const size = coords.z >= 15 ? 2 : coords.z >= 14 || clustered ? 1 : 0;
    const lettered = [], ringed = [];
    const late = this._pressQuiet(ranges, memory.pixels, tile, scale, size, cells, lettered, ringed);
    for (const [state, places] of late) {
      for (let k = 0; k < places.length; k += 3) this._stamp(state, size, ratio, places[k + 2]).press(memory.pixels, side, places[k], places[k + 1]);
    }
    for (let k = 0; k < ringed.length; k += 2) this._ring(size, ratio).press(memory.pixels, side, ringed[k], ringed[k + 1]);
    context.putImageData(memory.image, 0, 0, from.left, from.top, from.right - from.left, from.bottom - from.top);
    if (cells) this._drawCells(context, cells, ratio);
    if (coords.z >= this.textZoom) this._write(context, lettered, ratio);
  },

  // Presses what is in order and returns what is not, by state, the worst last: that lies on top.
  _pressQuiet: function (ranges, pixels, tile, scale, size, cells, lettered, ringed) {
    const { coords, ratio, side } = tile;
    const { order, x, y } = this.index;
    const { state, chosen } = this;
    const { hidden, level, masked, known, layered, of } = this.kinds, full = controlroom.FULL;
    const alerts = this.looks.alerts, left = coords.x * side, top = coords.y * side, texts = this.texts.length > 0;
    const stamps = this.looks.states.map((_look, k) => this._stamp(k, size, ratio));
    const late = this.looks.states.map(() => []), floors = layered ? this.kinds.names.map(() => []) : null;
    for (let r = 0; r < ranges.length; r += 2)
      for (let k = ranges[r], end = ranges[r + 1]; k < end; k++) {
        const i = order[k];
        if (masked && hidden[of[i]]) continue;
        const px = Math.floor(x[k] * scale - left), py = Math.floor(y[k] * scale - top);
        if (cells) {
          if (px < 0 || py < 0 || px >= side || py >= side) continue;
          if (cells.count[cells.of(px, py)] > controlroom.SINGLES) continue;
        }
        const now = state[i];
        if (now >= alerts && late[now]) late[now].push(px, py, known ? level[of[i]] : full);
        else if (floors) floors[of[i]].push(px, py, now);
        else (stamps[now] || stamps[0]).press(pixels, side, px, py);
        if (chosen && chosen[i]) ringed.push(px, py);
        if (texts) lettered.push(i, px, py);
      }
    if (floors) this._pressFloors(floors, pixels, side, size, ratio);
    const rank = this.looks.rank;
    return [...late.entries()].filter(([, places]) => places.length).sort((a, b) => rank[a[0]] - rank[b[0]]);
  },

  // Kinds one above the other, as the tree has them.
  _pressFloors: function (floors, pixels, side, size, ratio) {
    const { order, level } = this.kinds;
    for (const kind of order) {
      const places = floors[kind];
      if (!places.length) continue;
      const stamps = this.looks.states.map((_look, state) => this._stamp(state, size, ratio, level[kind]));
      for (let k = 0; k < places.length; k += 3) (stamps[places[k + 2]] || stamps[0]).press(pixels, side, places[k], places[k + 1]);
    }
  },

  _count: function (ranges, scale, left, top, side, ratio) {
    const cell = controlroom.CELL * ratio;
    const across = Math.ceil(side / cell);
    const cells = {
      across, cell,
      count: new Uint32Array(across * across), bad: new Uint32Array(across * across),
      worst: new Uint8Array(across * across), chosen: new Uint32Array(across * across), sumX: new Float64Array(across * across),
      sumY: new Float64Array(across * across), level: new Uint8Array(across * across),
      of: (px, py) => Math.floor(py / cell) * across + Math.floor(px / cell),
    };
    const alerts = this.looks.alerts;
    const { order, x, y } = this.index;
    const { hidden, level, masked, faded, of } = this.kinds;
    if (!faded) cells.level.fill(controlroom.FULL);
    for (let r = 0; r < ranges.length; r += 2)
      for (let k = ranges[r]; k < ranges[r + 1]; k++) {
        const i = order[k];
        if (masked && hidden[of[i]]) continue;
        const px = x[k] * scale - left, py = y[k] * scale - top;
        if (px < 0 || py < 0 || px >= side || py >= side) continue;
        const c = cells.of(px, py), state = this.state[i];
        cells.count[c]++;
        if (faded && level[of[i]] > cells.level[c]) cells.level[c] = level[of[i]];
        cells.sumX[c] += px;
        cells.sumY[c] += py;
        if (state >= alerts) cells.bad[c]++;
        if (this.looks.rank[state] > this.looks.rank[cells.worst[c]]) cells.worst[c] = state;
        if (this.chosen && this.chosen[i]) cells.chosen[c]++;
      }
    return cells;
  },

  _drawCells: function (context, cells, ratio) {
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (let c = 0; c < cells.count.length; c++) {
      const count = cells.count[c];
      if (count <= controlroom.SINGLES) continue;
      const r = Math.min(24, 9 + 3.2 * Math.log10(count)) * ratio;
      const hold = (value, low) => Math.max(low + r + 5 * ratio, Math.min(low + cells.cell - r - 5 * ratio, value));
      const x = hold(cells.sumX[c] / count, (c % cells.across) * cells.cell);
      const y = hold(cells.sumY[c] / count, Math.floor(c / cells.across) * cells.cell);
      // A cell is as clear as the clearest of its kinds.
      const clear = (context.globalAlpha = cells.level[c] / controlroom.FULL);
      if (cells.chosen[c]) this._drawHalo(context, x, y, r, ratio);
      this._drawCell(context, x, y, r, count, cells.bad[c], cells.worst[c], ratio);
      if (clear < 1) context.globalAlpha = 1;
    }
  },

  // Some of the cell are chosen.
  _drawHalo: function (context, x, y, r, ratio) {
    context.beginPath();
    context.arc(x, y, r + 4 * ratio, 0, 2 * Math.PI);
    context.lineWidth = 2 * ratio;
    context.strokeStyle = this.theme.service;
    context.stroke();
  },

  _drawCell: function (context, x, y, r, count, bad, worst, ratio) {
    const theme = this.theme;
    context.beginPath();
    if (this.badge === "square") context.roundRect(x - r, y - r * 0.8, 2 * r, 1.6 * r, 3 * ratio);
    else context.arc(x, y, r, 0, 2 * Math.PI);
    context.fillStyle = theme.land;
    const clear = context.globalAlpha;
    context.globalAlpha = 0.88 * clear;
    context.fill();
    context.globalAlpha = clear;
    context.lineWidth = 1.2 * ratio;
    context.strokeStyle = theme.quiet;
    context.stroke();
    if (bad) {
      const look = this.looks.states[worst];
      context.lineWidth = 3 * ratio;
      context.strokeStyle = look.tone || look.fill;
      context.beginPath();
      if (this.badge === "square") {
        context.moveTo(x - r, y + r * 0.8);
        context.lineTo(x - r + 2 * r * Math.max(0.15, bad / count), y + r * 0.8);
      } else context.arc(x, y, r, -Math.PI / 2, -Math.PI / 2 + 2 * Math.PI * Math.max(0.06, bad / count));
      context.stroke();
      context.save();
      context.translate(x + r * 0.78, y - r * 0.78);
      controlroom.drawLook(context, look, ratio);
      context.restore();
    }
    context.fillStyle = theme.ink;
    context.font = `600 ${11 * ratio}px "Noto Sans CJK SC", sans-serif`;
    context.fillText(count >= 10000 ? Math.round(count / 1000) + "k" : String(count), x, y + 0.5 * ratio);
  },

  _write: function (context, lettered, ratio) {
    context.font = `${12 * ratio}px "Noto Sans CJK SC", sans-serif`;
    context.textAlign = "left";
    context.textBaseline = "middle";
    context.lineWidth = 3 * ratio;
    context.strokeStyle = this.theme.ground;
    context.fillStyle = this.theme.ink;
    for (let k = 0; k < lettered.length; k += 3) {
      const text = this.texts[lettered[k]];
      if (!text) continue;
      context.strokeText(text, lettered[k + 1] + 9 * ratio, lettered[k + 2]);
      context.fillText(text, lettered[k + 1] + 9 * ratio, lettered[k + 2]);
    }
  },
});

// One block of pixels serves all tiles of a size: they are drawn one after the other.
controlroom.tileMemory = (function () {
  let memory = null;
  return function (context, side) {
    if (!memory || memory.image.width !== side) {
      const image = context.createImageData(side, side);
      memory = { image, pixels: new Uint32Array(image.data.buffer) };
    }
    memory.pixels.fill(0);
    return memory;
  };
})();
