"use strict";
// Places are fixed-point Web Mercator: 0 is the west or north edge of the world, 2^32 the east or south one.
var controlroom = {};

controlroom.WORLD = 4294967296;
controlroom.NOWHERE = 0xffffffff;

controlroom.toWorld = function (lon, lat) {
  const sine = Math.sin((lat * Math.PI) / 180);
  return [
    (lon / 360 + 0.5) * controlroom.WORLD,
    (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * controlroom.WORLD,
  ];
};

controlroom.toLatLng = function (x, y) {
  const lat = (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / controlroom.WORLD))) * 180) / Math.PI;
  return L.latLng(lat, (x / controlroom.WORLD - 0.5) * 360);
};

// Makes a box [left, top, right, bottom] hold a place.
controlroom.widen = function (box, x, y) {
  if (x < box[0]) box[0] = x;
  if (y < box[1]) box[1] = y;
  if (x > box[2]) box[2] = x;
  if (y > box[3]) box[3] = y;
};

// Pixels of the device per unit of the world at a zoom level.
controlroom.scaleAt = function (zoom, ratio) {
  return (256 * Math.pow(2, zoom) * ratio) / controlroom.WORLD;
};

// A grid over the points' own extent; `order` lists points cell by cell (compressed sparse rows).
controlroom.PointIndex = class {
  constructor(x, y) {
    const n = x.length;
    let left = Infinity, top = Infinity, right = -Infinity, bottom = -Infinity;
    for (let i = 0; i < n; i++) {
      if (x[i] === controlroom.NOWHERE) continue;
      if (x[i] < left) left = x[i];
      if (x[i] > right) right = x[i];
      if (y[i] < top) top = y[i];
      if (y[i] > bottom) bottom = y[i];
    }
    this.side = Math.max(1, Math.min(512, Math.round(Math.sqrt(n / 4))));
    this.left = left;
    this.top = top;
    this.stepX = (right - left + 1) / this.side;
    this.stepY = (bottom - top + 1) / this.side;
    this.starts = new Uint32Array(this.side * this.side + 1);
    this.order = new Uint32Array(n);
    this.x = new Uint32Array(n);
    this.y = new Uint32Array(n);
    if (right < left) return;
    const cell = new Uint32Array(n);
    for (let i = 0; i < n; i++) {
      if (x[i] === controlroom.NOWHERE) continue;
      const column = Math.floor((x[i] - left) / this.stepX);
      cell[i] = Math.floor((y[i] - top) / this.stepY) * this.side + column;
      this.starts[cell[i] + 1]++;
    }
    for (let c = 0; c < this.side * this.side; c++) this.starts[c + 1] += this.starts[c];
    const next = this.starts.slice();
    for (let i = 0; i < n; i++) if (x[i] !== controlroom.NOWHERE) this.order[next[cell[i]]++] = i;
    // Neighbours lie beside each other in memory, too.
    for (let k = 0; k < this.starts[this.side * this.side]; k++) {
      this.x[k] = x[this.order[k]];
      this.y[k] = y[this.order[k]];
    }
  }

  // Ranges [from, to) of `order` whose cells touch the box.
  ranges(left, top, right, bottom) {
    const last = this.side - 1;
    const first = Math.max(0, Math.floor((left - this.left) / this.stepX));
    const end = Math.min(last, Math.floor((right - this.left) / this.stepX));
    const high = Math.max(0, Math.floor((top - this.top) / this.stepY));
    const low = Math.min(last, Math.floor((bottom - this.top) / this.stepY));
    const found = [];
    if (first > end) return found;
    for (let row = high; row <= low; row++) {
      const from = this.starts[row * this.side + first];
      const to = this.starts[row * this.side + end + 1];
      if (from < to) found.push(from, to);
    }
    return found;
  }
};

// A tile's canvas has its pixels only while there is something on it: an empty one of 512 pixels would cost a megabyte
// and be blended into every frame. New pixels are the dearest of all that a flight to another place costs, so those of
// the tiles that it leaves are taken, cleared. `awaited`: it is drawn on after the layer has taken its canvas.
controlroom.Tile = class {
  constructor(coords, cssSide, settings, awaited = false) {
    this.coords = coords;
    this.ratio = window.devicePixelRatio || 1;
    this.side = Math.round(cssSide * this.ratio);
    this.print = this.side + JSON.stringify(settings || {});
    this.settings = settings;
    this.opened = false;
    this.held = awaited ? controlroom.spareTiles.take(this.print) : null;
  }

  get canvas() {
    this.held = this.held || this._make();
    return this.held.canvas;
  }

  get context() {
    this.held = this.held || this._make();
    return this.held.context;
  }

  open() {
    if (this.opened) return this.held.context;
    this.opened = true;
    this.held = this.held || controlroom.spareTiles.take(this.print) || this._make();
    const { canvas, context } = this.held;
    if (canvas.width !== this.side) canvas.width = canvas.height = this.side;
    canvas.style.visibility = "";
    return context;
  }

  shut() {
    this.opened = false;
    if (!this.held || !this.held.canvas.width) return;
    this.held.canvas.width = this.held.canvas.height = 0;
    this.held.canvas.style.visibility = "hidden";
  }

  // The layer has taken its canvas off the map: nothing is drawn on it any more.
  leave() {
    if (this.held && this.held.canvas.width) controlroom.spareTiles.give(this.print, this.held);
    this.opened = false;
    this.held = null;
  }

  _make() {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 0;
    canvas.style.visibility = "hidden";
    return { canvas, context: canvas.getContext("2d", this.settings) };
  }
};

// Canvases that tiles have left, by size and settings, for as long as a flight or a drag takes.
controlroom.spareTiles = (function () {
  const spare = new Map();
  const most = 64, restMs = 1500;
  let timer = null;
  const drop = () => {
    for (const held of spare.values()) for (const { canvas } of held) canvas.width = canvas.height = 0;
    spare.clear();
  };
  return {
    give(print, held) {
      if (!spare.has(print)) spare.set(print, []);
      if (spare.get(print).length < most) spare.get(print).push(held);
      clearTimeout(timer);
      timer = setTimeout(drop, restMs);
    },

    // One without a trace of where it was, or null.
    take(print) {
      const held = (spare.get(print) || []).pop();
      if (!held) return null;
      held.canvas.removeAttribute("class");
      held.canvas.removeAttribute("style");
      held.canvas.style.visibility = "hidden";
      held.context.reset();
      return held;
    },

    count() {
      let sum = 0;
      for (const held of spare.values()) sum += held.length;
      return sum;
    },
  };
})();

// Keeps the tiles of a layer by key, and lets go of those that the layer takes off the map.
controlroom.heldTiles = function (layer) {
  const drawn = new Map();
  layer.on("tileunload", (event) => {
    const key = layer._tileCoordsToKey(event.coords), tile = drawn.get(key);
    drawn.delete(key);
    if (tile) tile.leave();
  });
  return drawn;
};

// A canvas that keeps step with the page is copied into each of its frames, changed or not: forty megabytes sixty times
// a second on a large window. What seldom changes hands over its picture when it was drawn on, and costs nothing after.
controlroom.STILL = { desynchronized: true };

// Calls a function once in the next frame however often it was asked for.
controlroom.oncePerFrame = function (work) {
  let asked = false;
  return function () {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      work();
    });
  };
};

// When the frame that is due has been handed over; a page that is not seen has none to wait for.
controlroom.nextFrame = function () {
  return new Promise((resolve) => {
    setTimeout(resolve, 100);
    requestAnimationFrame(() => setTimeout(resolve, 0));
  });
};
