"use strict";
// Vehicles on small canvas tiles: between two reports they glide, a step for every STEP_PX of the fastest in sight, but
// no more often than STEP_MS and, while reports come, no less often than SLOW_STEP_MS.
controlroom.STEP_MS = 83;
controlroom.SLOW_STEP_MS = 333;
controlroom.STEP_PX = 1.5;

controlroom.Movers = L.GridLayer.extend({
  options: { tileSize: 256, keepBuffer: 1, updateWhenZooming: false, updateWhenIdle: false },

  initialize: function (options) {
    L.setOptions(this, options);
    this.count = 0;
    this.clock = 0;
    this.clockAt = 0;
    this.staleAfterMs = 30000;
    this.chosen = new Set();
    this._drawn = controlroom.heldTiles(this);
    this._filled = new Set();
    this._new = new Set();
    this._due = this._urgent = true;
    this._pace = controlroom.STEP_MS;
    this._steppedAt = this._restAt = 0;
    this._freshUntil = Infinity;
    this._soon = controlroom.oncePerFrame(() => this.step(performance.now()));
    setInterval(() => this.step(performance.now()), controlroom.STEP_MS);
  },

  dress: function (theme) {
    this.theme = theme;
    this._sprites = new Map();
    for (const tile of this._drawn.values()) tile.list = null;
    this._urgent = true;
  },

  declare: function (vehicleClass) {
    const n = vehicleClass.length;
    this.count = n;
    this.vehicleClass = vehicleClass;
    for (const name of ["fromX", "fromY", "toX", "toY", "time", "began", "lasting"]) this[name] = new Float64Array(n);
    this.heading = new Float32Array(n);
    this.heard = new Uint8Array(n);
    this._urgent = true;
  },

  move: function (time, index, x, y, heading) {
    const now = performance.now();
    for (let k = 0; k < index.length; k++) {
      const i = index[k];
      if (i >= this.count) continue;
      const far = Math.abs(x[k] - this.toX[i]) + Math.abs(y[k] - this.toY[i]);
      if (this.heard[i] && far < 4e5) {
        const share = this._share(i, now);
        this.fromX[i] += (this.toX[i] - this.fromX[i]) * share;
        this.fromY[i] += (this.toY[i] - this.fromY[i]) * share;
        this.lasting[i] = Math.max(200, Math.min(3000, time[k] - this.time[i]));
      } else {
        this.fromX[i] = x[k];
        this.fromY[i] = y[k];
        this.lasting[i] = 1;
        this._urgent = true;
      }
      this.toX[i] = x[k];
      this.toY[i] = y[k];
      this.time[i] = time[k];
      this.heading[i] = heading[k];
      this.began[i] = now;
      this.heard[i] = 1;
    }
    this._due = true;
  },

  choose: function (index) {
    this.chosen = new Set(index);
    this._urgent = true;
  },

  setClock: function (ms) {
    if (!ms) return;
    this.clock = ms;
    this.clockAt = performance.now();
  },

  createTile: function (coords) {
    const tile = new controlroom.Tile(coords, this.options.tileSize, undefined, this._expects(coords));
    const key = this._tileCoordsToKey(coords);
    this._drawn.set(key, tile);
    this._new.add(key);
    this._urgent = true;
    this._soon();
    return tile.canvas;
  },

  // Whether there is a vehicle on a tile that comes: only then a canvas that others left is of use to it.
  _expects: function (coords) {
    const side = (this.options.tileSize * controlroom.WORLD) / (256 * Math.pow(2, coords.z)), reach = side / 25;
    const left = coords.x * side - reach, top = coords.y * side - reach, right = left + side + 2 * reach, bottom = top + side + 2 * reach;
    for (let i = 0; i < this.count; i++)
      if (this.heard[i] && this.toX[i] > left && this.toX[i] < right && this.toY[i] > top && this.toY[i] < bottom) return true;
    return false;
  },

  // Whether a tile has come of which nothing is drawn yet.
  waits: function () {
    return this._new.size > 0;
  },

  pick: function (latlng, zoom, reach) {
    const [x, y] = controlroom.toWorld(latlng.lng, latlng.lat);
    const near = reach / controlroom.scaleAt(zoom, 1);
    const now = performance.now();
    let best = null, least = near;
    for (let i = 0; i < this.count; i++) {
      if (!this.heard[i]) continue;
      const [px, py] = this._place(i, now);
      const far = Math.hypot(px - x, py - y);
      if (far <= least) {
        least = far;
        best = { index: i, count: 1 };
      }
    }
    return best;
  },

  step: function (now) {
    const zoom = this._tileZoom;
    if (!this._map || zoom === undefined || !this.theme || !this._drawn.size) return;
    const early = now - this._steppedAt < this._pace - controlroom.STEP_MS / 2;
    const still = !this._due && this._steppedAt >= this._restAt && now < this._freshUntil;
    if (!this._urgent && (early || still)) return;
    this._due = this._urgent = false;
    this._steppedAt = now;
    const tiles = this._gather(zoom, now);
    for (const key of new Set([...this._filled, ...this._new])) {
      const tile = this._drawn.get(key);
      if (!tile || tiles.has(key)) continue;
      tile.shut();
      tile.list = null;
    }
    this._filled = new Set(tiles.keys());
    this._new.clear();
    for (const [key, list] of tiles) {
      const tile = this._drawn.get(key);
      if (tile.list && tile.list.length === list.length && list.every((value, k) => value === tile.list[k])) continue;
      tile.list = list;
      const context = tile.open();
      context.clearRect(0, 0, tile.side, tile.side);
      for (let k = 0; k < list.length; k += 4)
        context.drawImage(this._sprite(list[k], list[k + 1], tile.ratio), list[k + 2], list[k + 3]);
    }
  },

  // Sprites by tile; also how often to step, when everything will have come to rest, and when the next turns stale.
  _gather: function (zoom, now) {
    const ratio = window.devicePixelRatio || 1;
    const side = Math.round(this.options.tileSize * ratio);
    const scale = controlroom.scaleAt(zoom, ratio);
    const data = this.clock ? this.clock + (now - this.clockAt) : 0;
    const reach = 10 * ratio;
    const tiles = new Map();
    let fastest = 0;
    this._restAt = 0;
    this._freshUntil = Infinity;
    for (let i = 0; i < this.count; i++) {
      if (!this.heard[i]) continue;
      const rest = this.began[i] + this.lasting[i];
      if (rest > this._restAt) this._restAt = rest;
      const left = this.staleAfterMs - (data - this.time[i]);
      if (left > 0 && now + left < this._freshUntil) this._freshUntil = now + left;
      const [x, y] = this._place(i, now);
      const px = x * scale, py = y * scale;
      const speed = rest > now ? (Math.abs(this.toX[i] - this.fromX[i]) + Math.abs(this.toY[i] - this.fromY[i])) / this.lasting[i] : 0;
      const look = this.vehicleClass[i] * 2 + (left <= 0 ? 1 : 0) + (this.chosen.has(i) ? 4 : 0);
      for (let column = Math.floor((px - reach) / side); column * side < px + reach; column++)
        for (let row = Math.floor((py - reach) / side); row * side < py + reach; row++) {
          const key = column + ":" + row + ":" + zoom;
          if (!this._drawn.has(key)) continue;
          if (!tiles.has(key)) tiles.set(key, []);
          if (speed > fastest) fastest = speed;
          tiles.get(key).push(
            look, Math.round(this.heading[i] / 11.25) & 31,
            Math.round(px - column * side - reach), Math.round(py - row * side - reach));
        }
    }
    this._pace = Math.max(controlroom.STEP_MS, Math.min(controlroom.SLOW_STEP_MS, (controlroom.STEP_PX * ratio) / (fastest * scale)));
    return tiles;
  },

  _share: function (i, now) {
    return Math.min(1, (now - this.began[i]) / this.lasting[i]);
  },

  _place: function (i, now) {
    const share = this._share(i, now);
    return [
      this.fromX[i] + (this.toX[i] - this.fromX[i]) * share,
      this.fromY[i] + (this.toY[i] - this.fromY[i]) * share,
    ];
  },

  _sprite: function (look, heading, ratio) {
    const key = look * 32 + heading;
    let canvas = this._sprites.get(key);
    if (canvas) return canvas;
    canvas = document.createElement("canvas");
    canvas.width = canvas.height = Math.round(20 * ratio);
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    context.translate(10, 10);
    context.rotate((heading * 11.25 * Math.PI) / 180);
    controlroom.drawVehicle(context, this.theme, (look >> 1) & 1, (look & 1) === 1, look >= 4);
    this._sprites.set(key, canvas);
    return canvas;
  },
});

controlroom.drawVehicle = function (context, theme, service, stale, chosen) {
  const size = service ? 1 : 0.75;
  context.globalAlpha = stale ? 0.45 : 1;
  context.beginPath();
  context.moveTo(0, -8.5 * size);
  context.lineTo(6 * size, 7 * size);
  context.lineTo(0, 3.8 * size);
  context.lineTo(-6 * size, 7 * size);
  context.closePath();
  context.lineWidth = 1.2;
  context.strokeStyle = stale ? theme.quiet : theme.edge;
  context.fillStyle = service ? theme.service : theme.vehicle;
  if (stale) context.setLineDash([2, 2]);
  else context.fill();
  context.stroke();
  if (!chosen) return;
  context.globalAlpha = 1;
  context.setLineDash([]);
  context.beginPath();
  context.arc(0, 0, 9, 0, 2 * Math.PI);
  context.strokeStyle = theme.service;
  context.stroke();
};
