"use strict";
// A thematic layer: tiles that the reader of files has cut, drawn as they come. Their form is told in
// controlroom/mapping/thematic/sheet.py; their words are drawn on a canvas: nothing of a file is taken for HTML here.
controlroom.decodeSheet = function (buffer) {
  const view = new DataView(buffer);
  if (buffer.byteLength < 16 || view.getUint32(0, false) !== 0x43525431) throw new Error("not a tile of a thematic layer");
  const parts = view.getUint32(4, true), rings = view.getUint32(8, true), points = view.getUint32(12, true);
  let at = 16;
  const take = (Type, count) => {
    const column = new Type(buffer, at, count);
    at += count * Type.BYTES_PER_ELEMENT;
    return column;
  };
  const sheet = {
    parts, first: take(Uint32Array, parts + 1), begins: take(Uint32Array, rings + 1), places: take(Int16Array, 2 * points),
    kind: take(Uint8Array, parts), look: take(Uint8Array, parts),
  };
  sheet.labels = at < buffer.byteLength ? JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, at))) : [];
  return sheet;
};

controlroom.SheetTiles = L.GridLayer.extend({
  options: { tileSize: 512, keepBuffer: 1, updateWhenZooming: false, updateWhenIdle: true },

  // `spec`: number, version, classes [[colour, shape]], width, fill.
  initialize: function (spec, options) {
    L.setOptions(this, options);
    this.spec = spec;
    this._drawn = new Map();
    this.on("tileunload", (event) => {
      const key = this._tileCoordsToKey(event.coords), held = this._drawn.get(key);
      this._drawn.delete(key);
      if (!held) return;
      held.gone.abort();
      held.tile.leave();
    });
  },

  // The file was read anew, or looks otherwise: what is drawn stays until its successor is there.
  change: function (spec) {
    const again = spec.version !== this.spec.version || spec.label !== this.spec.label;
    this.spec = spec;
    for (const held of this._drawn.values()) again ? controlroom.coming.of(this._fetch(held)) : this._draw(held);
  },

  dress: function (theme) {
    this.theme = theme;
    for (const held of this._drawn.values()) this._draw(held);
  },

  createTile: function (coords, done) {
    const tile = new controlroom.Tile(coords, this.options.tileSize, controlroom.STILL, true);
    const held = { tile, sheet: null, gone: new AbortController(), done };
    this._drawn.set(this._tileCoordsToKey(coords), held);
    controlroom.coming.of(this._fetch(held));
    return tile.canvas;
  },

  _fetch: async function (held) {
    const { z, x, y } = held.tile.coords;
    const version = this.spec.version, label = this.spec.label;
    try {
      const answer = await fetch(`crmap://app/sheet/${this.spec.number}/${version}/${z}/${x}/${y}`, { cache: "no-store", signal: held.gone.signal });
      const buffer = answer.ok ? await answer.arrayBuffer() : null;
      if (version !== this.spec.version || label !== this.spec.label) return;
      held.sheet = buffer && buffer.byteLength ? controlroom.decodeSheet(buffer) : null;
    } catch (error) {
      held.sheet = null;
    }
    if (held.gone.signal.aborted) return;
    this._draw(held);
    if (held.done) held.done(null, held.tile.canvas);
    held.done = null;
  },

  _draw: function (held) {
    const { tile, sheet } = held;
    if (!sheet || !(sheet.parts || sheet.labels.length) || !this.theme) return tile.shut();
    const context = tile.open();
    const { spec } = this;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, tile.side, tile.side);
    const scale = tile.ratio / 8;
    context.lineJoin = context.lineCap = "round";
    const looks = spec.classes.map(([colour, shape]) => ({ colour, shape, lines: new Path2D(), specks: new Path2D(), areas: [], points: [] }));
    for (let k = 0; k < sheet.parts; k++) {
      const look = looks[sheet.look[k]] || looks[0], kind = sheet.kind[k];
      if (kind === 0) {
        const at = sheet.begins[sheet.first[k]];
        look.points.push(sheet.places[2 * at] * scale, sheet.places[2 * at + 1] * scale);
      } else if (kind === 3) {
        const at = sheet.begins[sheet.first[k]];
        look.specks.rect(sheet.places[2 * at] * scale - tile.ratio, sheet.places[2 * at + 1] * scale - tile.ratio, 2 * tile.ratio, 2 * tile.ratio);
      } else if (kind === 2) {
        // One path for each: in a common one, areas that overlap would cut holes into each other.
        look.areas.push(new Path2D());
        this._trace(look.areas[look.areas.length - 1], sheet, k, scale, true);
      } else this._trace(look.lines, sheet, k, scale, false);
    }
    for (const look of looks) this._paint(context, look, tile.ratio);
    for (const look of looks) this._stamp(context, look, tile.ratio);
    if (sheet.labels.length) this._write(context, sheet.labels, tile.ratio);
  },

  // The reader has placed them so that none lies over another; what crosses an edge is written on both tiles.
  _write: function (context, labels, ratio) {
    context.font = `${12 * ratio}px "Noto Sans CJK SC", sans-serif`;
    context.textAlign = "left";
    context.textBaseline = "middle";
    context.lineWidth = 3 * ratio;
    context.strokeStyle = this.theme.ground;
    context.fillStyle = this.theme.ink;
    for (const [left, middle, words] of labels) {
      context.strokeText(words, left * ratio, middle * ratio);
      context.fillText(words, left * ratio, middle * ratio);
    }
  },

  _trace: function (path, sheet, part, scale, area) {
    for (let ring = sheet.first[part]; ring < sheet.first[part + 1]; ring++) {
      const from = sheet.begins[ring], to = sheet.begins[ring + 1];
      for (let k = from; k < to; k++) {
        const x = sheet.places[2 * k] * scale, y = sheet.places[2 * k + 1] * scale;
        if (k === from) path.moveTo(x, y);
        else path.lineTo(x, y);
      }
      if (area) path.closePath();
    }
  },

  _paint: function (context, look, ratio) {
    context.fillStyle = context.strokeStyle = look.colour;
    context.lineWidth = Math.min(this.spec.width, 1.2) * ratio;
    for (const area of look.areas) {
      context.globalAlpha = this.spec.fill;
      context.fill(area, "evenodd");
      context.globalAlpha = 1;
      context.stroke(area);
    }
    context.globalAlpha = 0.75;
    context.fill(look.specks);
    context.globalAlpha = 1;
    context.lineWidth = this.spec.width * ratio;
    context.stroke(look.lines);
  },

  _stamp: function (context, look, ratio) {
    const shown = { shape: controlroom.PATHS[look.shape] ? look.shape : "circle", fill: look.colour, stroke: this.theme.edge, radius: 4.5 };
    for (let k = 0; k < look.points.length; k += 2) {
      context.setTransform(1, 0, 0, 1, look.points[k], look.points[k + 1]);
      controlroom.drawLook(context, shown, ratio);
    }
    context.setTransform(1, 0, 0, 1, 0, 0);
  },
});

// All thematic layers of a map: made when the program names them, put on the map by the tree.
controlroom.Sheets = class {
  constructor(map, stack) {
    this.map = map;
    this.stack = stack;
    this.held = new Map();
    this.theme = null;
  }

  // Each spec: {id, number, version, classes, width, fill}.
  set(specs) {
    const wanted = new Set(specs.map((spec) => spec.id));
    for (const [id, held] of this.held)
      if (!wanted.has(id)) {
        this.stack.remove(id);
        this.map.getPane(held.pane).remove();
        this.held.delete(id);
      }
    for (const spec of specs) {
      const held = this.held.get(spec.id);
      if (held) held.layer.change(spec);
      else this.add(spec);
    }
  }

  add(spec) {
    const pane = "sheet-" + spec.number;
    this.map.createPane(pane).style.pointerEvents = "none";
    const layer = new controlroom.SheetTiles(spec, { pane });
    if (this.theme) layer.dress(this.theme);
    this.held.set(spec.id, { layer, pane });
    this.stack.place(spec.id, { show: (on) => (on ? layer.addTo(this.map) : layer.remove()), panes: [pane] });
  }

  dress(theme) {
    this.theme = theme;
    for (const { layer } of this.held.values()) layer.dress(theme);
  }
};
