"use strict";
// Graphics for command: shapes on one canvas, signs and words as elements whose text goes in by textContent only.
controlroom.Graphics = L.LayerGroup.extend({
  initialize: function () {
    L.LayerGroup.prototype.initialize.call(this);
    this.byId = new Map();
  },

  // Only what has changed is drawn anew.
  load: function (marks) {
    const kept = new Set();
    for (const mark of marks) {
      kept.add(mark.id);
      const print = JSON.stringify(mark);
      const held = this.byId.get(mark.id);
      if (held && held.print === print) continue;
      if (held) this.removeLayer(held.layer);
      const drawn = this._draw(mark);
      const layer = drawn.whole;
      this.byId.set(mark.id, { print, mark, ...drawn, layer });
      this.addLayer(layer);
    }
    for (const [id, held] of this.byId)
      if (!kept.has(id)) {
        this.removeLayer(held.layer);
        this.byId.delete(id);
      }
    this.thin();
  },

  onAdd: function (map) {
    L.LayerGroup.prototype.onAdd.call(this, map);
    map.on("zoomend", this.thin, this);
    this.thin();
  },

  onRemove: function (map) {
    map.off("zoomend", this.thin, this);
    L.LayerGroup.prototype.onRemove.call(this, map);
  },

  // Where words would lie on others, first who drew it gives way and then what it is called; the chosen one stays.
  thin: function () {
    if (!this._map) return;
    const taken = [];
    const free = (box) => taken.every((one) => Math.abs(one.x - box.x) >= one.w + box.w || Math.abs(one.y - box.y) >= one.h + box.h);
    const marks = [...this.byId.values()].sort((a, b) => b.mark.chosen - a.mark.chosen);
    const boxes = marks.map(({ mark, words }) => {
      const at = this._map.project([mark.at[1], mark.at[0]]);
      const lines = [...words.children].map((line) => ({ line, x: at.x, w: line.offsetWidth / 2 + 1, h: line.offsetHeight / 2 }));
      let y = at.y + (mark.kind === "symbol" ? 19 : -lines.reduce((sum, one) => sum + one.h, 0));
      for (const one of lines) {
        one.y = y + one.h;
        y += 2 * one.h;
      }
      return { chosen: mark.chosen, lines, shown: true };
    });
    for (const turn of [0, 1])
      for (const box of boxes) {
        const one = box.lines[turn];
        if (!one) continue;
        box.shown = box.shown && (box.chosen || free(one));
        one.line.style.visibility = box.shown ? "" : "hidden";
        if (box.shown) taken.push(one);
      }
  },

  _draw: function (mark) {
    const whole = L.featureGroup();
    this.renderer = this.renderer || L.canvas({ pane: "graphics", padding: 0.3 });
    for (const [area, color, head, ring] of mark.parts) {
      const look = { color, weight: mark.width + (mark.chosen ? 2 : 0), opacity: mark.archived ? 0.55 : 1, fillColor: color,
        fill: area, fillOpacity: head ? 1 : mark.fill, interactive: false, renderer: this.renderer };
      if (mark.dashed && !head) look.dashArray = `${mark.width * 3} ${mark.width * 2.5}`;
      const places = ring.map(([lon, lat]) => [lat, lon]);
      whole.addLayer(area ? L.polygon(places, look) : L.polyline(places, look));
    }
    const box = document.createElement("div");
    box.className = `graphic ${mark.kind}` + (mark.archived ? " archived" : "") + (mark.chosen ? " chosen" : "");
    box.style.setProperty("--graphic", mark.colour);
    if (mark.kind === "symbol") controlroom.graphicSign(box, mark.shape, mark.glyph);
    const words = document.createElement("div");
    words.className = "words";
    for (const [name, text] of [["label", mark.label], ["note", mark.note]]) {
      if (!text) continue;
      const line = document.createElement("span");
      line.className = name;
      line.textContent = text;
      words.append(line);
    }
    box.append(words);
    const icon = L.divIcon({ className: "graphic-anchor", html: box, iconSize: [0, 0] });
    whole.addLayer(L.marker([mark.at[1], mark.at[0]], { icon, interactive: false, keyboard: false, pane: "graphicWords" }));
    return { whole, words };
  },
});

controlroom.SIGNS = {
  square: [[-1, -1], [1, -1], [1, 1], [-1, 1]],
  diamond: [[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]],
  triangle: [[0, -1.35], [1.35, 1], [-1.35, 1]],
  octagon: [[-0.45, -1.08], [0.45, -1.08], [1.08, -0.45], [1.08, 0.45], [0.45, 1.08], [-0.45, 1.08], [-1.08, 0.45], [-1.08, -0.45]],
};

controlroom.graphicSign = function (box, shape, glyph) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "-18 -18 36 36");
  const corners = controlroom.SIGNS[shape];
  const drawn = document.createElementNS(space, corners ? "polygon" : "circle");
  if (corners) drawn.setAttribute("points", corners.map(([x, y]) => `${x * 12},${y * 12}`).join(" "));
  else drawn.setAttribute("r", "13");
  const sign = document.createElementNS(space, "text");
  sign.setAttribute("y", shape === "triangle" ? "8" : "5");
  sign.setAttribute("class", glyph.length > 2 ? "long" : "");
  sign.textContent = glyph;
  svg.append(drawn, sign);
  box.append(svg);
};

// What is drawn just now. The program holds the corners; the page tells what the hand does and draws ahead of it.
controlroom.Sketch = class {
  constructor(map, channel) {
    this.map = map;
    this.channel = channel;
    this.state = null;
    this.layer = L.layerGroup().addTo(map);
    this.ahead = null;
    this.element = document.createElement("div");
    this.element.className = "crosshair";
    this.element.hidden = true;
    this.hint = document.createElement("div");
    this.hint.className = "sketch-hint";
    this.hint.hidden = true;
    this.swallow = false;
    map.getContainer().append(this.element, this.hint);
    map.on("mousemove", (event) => this.point(event.latlng));
    // Corners come to lie under the pointer between two clicks, so that no element would see both of them.
    this.pressed = { at: -1e9, x: 0, y: 0 };
    map.getContainer().addEventListener("mousedown", (event) => this.press(event), true);
  }

  get active() {
    return this.state !== null;
  }

  tell(action, index, place) {
    this.channel.sketched(action, index === undefined ? -1 : index, place ? place.lng : 0, place ? place.lat : 0);
  }

  press(event) {
    if (!this.active || event.button !== 0) return;
    const { at, x, y } = this.pressed;
    this.swallow = event.timeStamp - at < 400 && Math.hypot(event.clientX - x, event.clientY - y) < 6;
    this.pressed = { at: this.swallow ? -1e9 : event.timeStamp, x: event.clientX, y: event.clientY };
    if (!this.swallow) return;
    event.stopPropagation();
    event.preventDefault();
    this.tell("end");
  }

  click(event) {
    const swallowed = this.swallow;
    this.swallow = false;
    if (swallowed || !this.active) return;
    this.tell(this.state.more ? "add" : "touch", -1, event.latlng);
  }

  key(event) {
    const action = { Enter: "end", Escape: "cancel", Backspace: "back", Delete: "drop", Tab: event.shiftKey ? "previous" : "next" }[event.key];
    if (action) this.tell(action);
    else if (event.key === " ") this.tell("add", -1, this.map.getCenter());
    else if (event.altKey && event.key.startsWith("Arrow"))
      this.map.panBy({ ArrowLeft: [-8, 0], ArrowRight: [8, 0], ArrowUp: [0, -8], ArrowDown: [0, 8] }[event.key], { animate: false });
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  show(state) {
    const zoom = this.map.doubleClickZoom;
    state ? zoom.disable() : zoom.enable();
    this.state = state;
    this.layer.clearLayers();
    this.ahead = null;
    this.element.hidden = this.hint.hidden = !state;
    this.map.getContainer().classList.toggle("sketching", !!state);
    if (!state) return;
    this.hint.textContent = state.hint;
    this.renderer = this.renderer || L.canvas({ pane: "sketch" });
    const look = { color: state.colour, weight: 2.5, renderer: this.renderer, interactive: false };
    for (const [area, ring] of state.parts) {
      const places = ring.map(([lon, lat]) => [lat, lon]);
      this.layer.addLayer(area ? L.polygon(places, { ...look, fillOpacity: 0.14 }) : L.polyline(places, look));
    }
    const places = state.points.map(([lon, lat]) => L.latLng(lat, lon));
    if (!state.parts.length && places.length > 1) this.layer.addLayer(L.polyline(places, look));
    places.forEach((place, k) => this.handle(place, k === state.chosen ? "corner chosen" : "corner", "move", k));
    if (!state.single)
      places.forEach((place, k) => {
        const next = places[k + 1] || (state.closed && places.length > 2 ? places[0] : null);
        if (next) this.handle(L.latLng((place.lat + next.lat) / 2, (place.lng + next.lng) / 2), "between", "insert", k + 1);
      });
  }

  handle(place, name, action, index) {
    const box = document.createElement("i");
    box.className = `handle ${name}`;
    const icon = L.divIcon({ className: "handle-anchor", html: box, iconSize: [18, 18], iconAnchor: [9, 9] });
    const marker = L.marker(place, { icon, draggable: true, autoPan: true, keyboard: false, pane: "handles" });
    marker.on("drag", () => this.point(marker.getLatLng(), index, action));
    marker.on("dragend", () => this.tell(action, index, marker.getLatLng()));
    marker.on("click", () => this.state && !this.swallow && this.tell("choose", action === "move" ? index : -1, marker.getLatLng()));
    marker.on("contextmenu", () => action === "move" && this.tell("drop", index));
    this.layer.addLayer(marker);
  }

  // The line from the last corner to the pointer, or from both neighbours to a corner that is dragged.
  point(place, index, action) {
    if (!this.state || this.state.single) return;
    const points = this.state.points.map(([lon, lat]) => [lat, lon]);
    const around = (k) => (this.state.closed ? points[(k + points.length) % points.length] : points[k]);
    let line = null;
    if (index !== undefined) line = [around(index - 1), place, around(action === "insert" ? index : index + 1)].filter(Boolean);
    else if (this.state.more && points.length) line = [points[points.length - 1], place];
    if (!line || line.length < 2) return;
    if (this.ahead) this.ahead.setLatLngs(line);
    else {
      this.ahead = L.polyline(line, { color: this.state.colour, weight: 2, dashArray: "5 5", renderer: this.renderer, interactive: false });
      this.layer.addLayer(this.ahead);
    }
  }
};
