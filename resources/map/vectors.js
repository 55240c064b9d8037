"use strict";
// Lines and areas on canvas tiles: projected once, drawn once per tile, so that panning costs nothing.
controlroom.MAIN_ROADS = ["motorway", "trunk", "primary", "secondary"];

controlroom.VectorTiles = L.GridLayer.extend({
  options: { tileSize: 512, keepBuffer: 1, updateWhenZooming: false, updateWhenIdle: false },

  // `styles`, from the ground up: a name, and what tells {stroke, width, fill, dash} or null of a feature, a zoom level
  // and the theme. With `solid` the tiles hide what is below them, which is cheaper than blending.
  initialize: function (styles, options) {
    L.setOptions(this, options);
    this.sets = Object.entries(styles).map(([name, style]) => ({ name, style, features: [], shown: true, opacity: 1, rank: 0 }));
    this._drawn = controlroom.heldTiles(this);
    this._flush = controlroom.oncePerFrame(() => this._drawn.forEach((tile) => this._draw(tile)));
  },

  load: function (name, collection) {
    this._set(name).features = collection.features.map(controlroom.projectFeature).filter((one) => one.lines.length);
    this._flush();
  },

  show: function (name, shown) {
    if (this._set(name).shown === shown) return;
    this._set(name).shown = shown;
    this._flush();
  },

  fade: function (name, opacity) {
    this._set(name).opacity = opacity;
    this._flush();
  },

  // The first set stays the ground of all; the others are drawn by rank.
  raise: function (name, rank) {
    this._set(name).rank = rank;
    const [ground, ...rest] = this.sets;
    this.sets = [ground, ...rest.sort((a, b) => a.rank - b.rank)];
    this._flush();
  },

  dress: function (theme) {
    this.theme = theme;
    this._flush();
  },

  createTile: function (coords) {
    const tile = new controlroom.Tile(coords, this.options.tileSize, { ...controlroom.STILL, alpha: !this.options.solid });
    this._drawn.set(this._tileCoordsToKey(coords), tile);
    this._draw(tile);
    return tile.canvas;
  },

  _set: function (name) {
    return this.sets.find((set) => set.name === name);
  },

  _draw: function (tile) {
    const { coords, ratio, side } = tile;
    const scale = controlroom.scaleAt(coords.z, ratio);
    const left = coords.x * side, top = coords.y * side;
    const margin = 6 * ratio;
    const west = (left - margin) / scale, north = (top - margin) / scale;
    const east = (left + side + margin) / scale, south = (top + side + margin) / scale;
    const found = [];
    for (const set of this.theme ? this.sets : []) {
      if (!set.shown) continue;
      for (const feature of set.features) {
        const box = feature.box;
        if (box[2] < west || box[0] > east || box[3] < north || box[1] > south) continue;
        const style = set.style(feature.properties, coords.z, this.theme);
        if (style) found.push([feature, style, set.opacity]);
      }
    }
    if (!found.length) return tile.shut();
    const context = tile.open();
    context.clearRect(0, 0, side, side);
    if (this.options.solid) {
      context.fillStyle = this.theme.ground;
      context.fillRect(0, 0, side, side);
    }
    context.lineJoin = context.lineCap = "round";
    for (const [feature, style, opacity] of found) {
      context.globalAlpha = opacity;
      controlroom.drawFeature(context, feature, style, scale, left, top, ratio);
    }
    context.globalAlpha = 1;
  },
});

// Calls `step(px, py, first)` for the corners of a line, in pixels of a tile; a million within a few pixels are a few.
controlroom.alongLine = function (line, closed, scale, left, top, step) {
  const fine = line.length > 20000 ? 2.5 : 0.8, end = line.length + (closed ? 2 : 0);
  let lastX = Infinity, lastY = Infinity;
  for (let k = 0; k < end; k += 2) {
    const at = k % line.length, px = line[at] * scale - left, py = line[at + 1] * scale - top;
    if (Math.abs(px - lastX) + Math.abs(py - lastY) < fine && k < line.length - 2) continue;
    lastX = px;
    lastY = py;
    step(px, py, k === 0);
  }
};

// A district's outline is a hundred times as long as what a tile shows of it: only stretches that touch the tile are
// stroked, each from its own place in the dashes, so that these go on from tile to tile. `inside`: no line touches the
// tile, and all of it lies within the area.
controlroom.stretches = function (feature, margin, period, side, scale, left, top) {
  const runs = [];
  let inside = false, touched = false;
  for (const line of feature.lines) {
    let lastX = 0, lastY = 0, length = 0, run = null;
    controlroom.alongLine(line, feature.area, scale, left, top, (px, py, first) => {
      const fromX = lastX, fromY = lastY;
      lastX = px;
      lastY = py;
      if (first) return;
      if (fromY > side / 2 !== py > side / 2 && side / 2 < fromX + ((side / 2 - fromY) * (px - fromX)) / (py - fromY)) inside = !inside;
      const apart = (fromX < -margin && px < -margin) || (fromX > side + margin && px > side + margin) || (fromY < -margin && py < -margin) || (fromY > side + margin && py > side + margin);
      if (apart) run = null;
      else {
        touched = true;
        if (!run) {
          run = !period && runs.length ? runs[0].path : new Path2D();
          if (period || !runs.length) runs.push({ path: run, from: period ? length % period : 0 });
          run.moveTo(fromX, fromY);
        }
        run.lineTo(px, py);
      }
      if (period) length += Math.hypot(px - fromX, py - fromY);
    });
  }
  return { runs, inside: inside && !touched, touched };
};

controlroom.drawFeature = function (context, feature, style, scale, left, top, ratio) {
  const side = context.canvas.width, dash = (style.dash || []).map((part) => part * ratio);
  const period = dash.reduce((sum, part) => sum + part, 0);
  const { runs, inside, touched } = controlroom.stretches(feature, ((style.width || 0) + 2) * ratio, period, side, scale, left, top);
  if (style.fill && feature.area && (inside || touched)) {
    const alpha = context.globalAlpha;
    context.globalAlpha = alpha * (style.opacity === undefined ? 1 : style.opacity);
    context.fillStyle = style.fill;
    if (inside) context.fillRect(0, 0, side, side);
    else {
      context.beginPath();
      for (const line of feature.lines) {
        controlroom.alongLine(line, false, scale, left, top, (px, py, first) => (first ? context.moveTo(px, py) : context.lineTo(px, py)));
        context.closePath();
      }
      context.fill("evenodd");
    }
    context.globalAlpha = alpha;
  }
  if (!style.stroke || !runs.length) return;
  context.lineWidth = style.width * ratio;
  context.strokeStyle = style.stroke;
  context.setLineDash(dash);
  for (const { path, from } of runs) {
    context.lineDashOffset = from;
    context.stroke(path);
  }
  context.lineDashOffset = 0;
};

controlroom.projectFeature = function (feature) {
  const geometry = feature.geometry || { type: "", coordinates: [] };
  const nested = {
    LineString: [geometry.coordinates], MultiLineString: geometry.coordinates,
    Polygon: geometry.coordinates, MultiPolygon: geometry.coordinates.flat(),
  }[geometry.type] || [];
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  const lines = nested.map((line) => {
    const flat = new Float64Array(line.length * 2);
    line.forEach(([lon, lat], k) => {
      const [x, y] = controlroom.toWorld(lon, lat);
      flat[2 * k] = x;
      flat[2 * k + 1] = y;
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x);
      box[3] = Math.max(box[3], y);
    });
    return flat;
  });
  return { lines, box, area: geometry.type.endsWith("Polygon"), properties: feature.properties || {} };
};

controlroom.STYLES = {
  outline: (_properties, _zoom, theme) => ({ fill: theme.land, stroke: theme.outline, width: 2 }),
  cells: (_properties, _zoom, theme) => ({ stroke: theme.cell, width: 1.2, dash: [5, 4] }),
  roads: (properties, zoom, theme) => {
    const kind = String(properties.highway || "").replace("_link", "");
    const main = controlroom.MAIN_ROADS.indexOf(kind);
    if (main >= 0) return { stroke: theme.mainRoad, width: (main < 2 ? 1.8 : 1.2) * (zoom >= 14 ? 2 : 1) };
    if (zoom < 13) return null;
    return { stroke: theme.road, width: zoom >= 15 ? 1.8 : 1 };
  },
};

// Names of towns: one element each, filled by textContent. Where two would overlap the later one waits for a closer look.
controlroom.TownNames = L.LayerGroup.extend({
  onAdd: function (map) {
    L.LayerGroup.prototype.onAdd.call(this, map);
    map.on("zoomend", this.thin, this);
    this.thin();
  },

  onRemove: function (map) {
    map.off("zoomend", this.thin, this);
    L.LayerGroup.prototype.onRemove.call(this, map);
  },

  thin: function () {
    if (!this._map) return;
    const taken = [];
    this.eachLayer((marker) => {
      const label = marker.getElement().querySelector(".town");
      const at = this._map.project(marker.getLatLng());
      const half = label.textContent.length * 7, clear = (one) => Math.abs(one.x - at.x) > one.half + half || Math.abs(one.y - at.y) > 18;
      const free = taken.every(clear);
      label.style.visibility = free ? "" : "hidden";
      if (free) taken.push({ x: at.x, y: at.y, half });
    });
  },

  load: function (collection) {
    this.clearLayers();
    for (const feature of collection.features) {
      const label = document.createElement("span");
      label.className = "town";
      label.textContent = feature.properties.name;
      const [lon, lat] = feature.geometry.coordinates;
      const icon = L.divIcon({ className: "town-anchor", html: label, iconSize: [0, 0] });
      this.addLayer(L.marker([lat, lon], { icon, interactive: false, keyboard: false, pane: "towns" }));
    }
    this.thin();
  },
});
