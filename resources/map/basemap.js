"use strict";
// The base map under everything: pictures on canvas tiles, or vector tiles drawn by a library that comes when needed.
controlroom.Base = class {
  constructor(map, ground) {
    this.map = map;
    this.ground = ground;
    this.spec = null;
    this.layer = null;
    this.theme = null;
    map.createPane("base").style.zIndex = 150;
    map.getPane("base").style.pointerEvents = "none";
    map.on("zoomend", () => this.bare());
  }

  load(spec) {
    const old = this.spec;
    this.spec = spec;
    const same = old && spec && ["version", "epoch", "kind", "language"].every((name) => old[name] === spec[name]);
    if (!same) this.build();
    else if (this.layer) this.layer.setClearness(spec.opacity);
    this.bare();
  }

  dress(theme, dark) {
    const other = this.dark !== dark;
    this.theme = theme;
    this.dark = dark;
    if (other && this.layer) this.spec.kind === "vector" ? this.build() : this.layer.dim(dark);
    this.bare(true);
  }

  async build() {
    if (this.layer) this.layer.remove();
    this.layer = null;
    const spec = this.spec;
    if (!spec) return;
    if (spec.kind === "raster") this.layer = new controlroom.PictureTiles(spec, this.dark).addTo(this.map);
    else {
      await controlroom.coming.of(controlroom.loadVectorScript());
      if (this.spec !== spec || this.layer) return;
      this.layer = controlroom.vectorBase(spec, this.dark).addTo(this.map);
    }
  }

  // With a base map the ground is glass: the district's outline and cells stay, its land and roads give way.
  bare(dressed) {
    const zoom = this.map.getZoom();
    const glass = !!this.spec && zoom >= this.spec.minZoom - 1;
    const bare = glass && this.spec.bare;
    if (!this.theme || (!dressed && glass === this.glass && bare === this.isBare)) return;
    const turned = glass !== this.glass;
    this.glass = glass;
    this.isBare = bare;
    const theme = glass ? { ...this.theme, land: null } : { ...this.theme };
    if (bare) theme.mainRoad = theme.road = null;
    this.ground.options.solid = !glass;
    this.ground.dress(theme);
    // A canvas is opaque or not from its beginning.
    if (turned) this.ground.redraw();
  }
};

// Each canvas of 512 pixels holds the pictures below it, cut from a level above where one is missing or too deep.
controlroom.PictureTiles = L.GridLayer.extend({
  options: { tileSize: 512, keepBuffer: 1, updateWhenZooming: false, updateWhenIdle: false, noWrap: true, pane: "base" },

  initialize: function (spec, dark) {
    const [west, south, east, north] = spec.bounds;
    L.setOptions(this, { bounds: L.latLngBounds([south, west], [north, east]), minZoom: Math.max(0, spec.minZoom - 1) });
    this.spec = spec;
    this.clearness = spec.opacity;
    this.dark = dark;
    this.drawn = new Map();
    this.missing = 0;
    // Pictures that are asked for and not yet laid.
    this.awaited = 0;
    this._again = controlroom.oncePerFrame(() => this.drawn.forEach((tile) => this._draw(tile)));
    this.on("tileunload", (event) => {
      const key = this._tileCoordsToKey(event.coords), tile = this.drawn.get(key);
      this.drawn.delete(key);
      if (!tile) return;
      tile.abort.abort();
      tile.leave();
    });
  },

  setClearness: function (opacity) {
    if (this.clearness === opacity) return;
    this.clearness = opacity;
    this._again();
  },

  dim: function (dark) {
    this.dark = dark;
    this._again();
  },

  createTile: function (coords) {
    // Without a hole in it a picture needs no blend with what lies below: that is the ground's colour alone.
    const tile = new controlroom.Tile(coords, this.options.tileSize, { ...controlroom.STILL, alpha: false }, true);
    tile.abort = new AbortController();
    this.drawn.set(this._tileCoordsToKey(coords), tile);
    this._draw(tile);
    return tile.canvas;
  },

  _draw: function (tile) {
    tile.abort.abort();
    tile.abort = new AbortController();
    tile.fresh = true;
    const { x, y, z } = tile.coords;
    const level = Math.max(this.spec.minZoom, Math.min(this.spec.maxZoom, z));
    // So many pictures of that level lie along the side of the canvas; below one where the level is too coarse.
    const count = 2 * Math.pow(2, level - z), asked = [], signal = tile.abort.signal;
    for (let i = 0; i < Math.max(1, count); i++)
      for (let j = 0; j < Math.max(1, count); j++) asked.push(this._fetch(tile, level, Math.floor(x * count) + i, Math.floor(y * count) + j, count));
    // Where there is no picture at all there is no need of a canvas.
    Promise.all(asked).then(() => !signal.aborted && tile.fresh && tile.shut());
  },

  _fetch: async function (tile, level, column, row, count) {
    const most = Math.pow(2, level);
    if (column < 0 || row < 0 || column >= most || row >= most) return;
    const signal = tile.abort.signal;
    this.awaited++;
    try {
      const answer = await fetch(`crmap://app/base/${this.spec.version}/${level}/${column}/${row}`, { signal });
      const body = await answer.arrayBuffer();
      if (body.byteLength < 16) {
        this.missing++;
        return;
      }
      const picture = await createImageBitmap(new Blob([new Uint8Array(body, 1)]));
      if (!signal.aborted) this._lay(tile, picture, new Uint8Array(body, 0, 1)[0], column, row, count);
      picture.close();
    } catch (error) {
      // A picture that cannot be drawn is as good as none; one that is no longer wanted is none.
      if (!signal.aborted) this.missing++;
    } finally {
      this.awaited--;
    }
  },

  _lay: function (tile, picture, up, column, row, count) {
    const context = tile.open();
    if (tile.fresh) {
      context.globalAlpha = 1;
      context.fillStyle = controlroom.THEMES[this.dark ? "dark" : "light"].ground;
      context.fillRect(0, 0, tile.side, tile.side);
    }
    tile.fresh = false;
    context.globalAlpha = this.clearness;
    // The colours of alarms must stay the strongest.
    context.filter = this.dark ? "brightness(0.5) saturate(0.5)" : "saturate(0.6)";
    context.imageSmoothingQuality = "medium";
    const part = Math.pow(2, -up);
    const inX = (column * part) % 1, inY = (row * part) % 1;
    if (count >= 1) {
      const side = tile.side / count;
      const left = (column - tile.coords.x * count) * side, top = (row - tile.coords.y * count) * side;
      context.drawImage(picture, inX * picture.width, inY * picture.height, part * picture.width, part * picture.height, left, top, side, side);
    } else {
      const x = inX + (tile.coords.x * count - column) * part, y = inY + (tile.coords.y * count - row) * part;
      context.drawImage(picture, x * picture.width, y * picture.height, count * part * picture.width, count * part * picture.height, 0, 0, tile.side, tile.side);
    }
    context.filter = "none";
  },
});

controlroom.loadVectorScript = function () {
  controlroom.vectorScript =
    controlroom.vectorScript ||
    new Promise((resolve) => {
      const script = document.createElement("script");
      script.src = "crmap://app/lib/protomaps-leaflet.js";
      script.onload = script.onerror = resolve;
      document.head.append(script);
    });
  return controlroom.vectorScript;
};
