"use strict";
// Alarms, the selected object and the tip: the few things that are elements. Text goes in by textContent only.
controlroom.SEVERITIES = {
  1: { shape: "diamond", fill: "#d7263d", ink: "#ffffff" }, 2: { shape: "triangle", fill: "#f46036", ink: "#1c1405" },
  3: { shape: "square", fill: "#e9c46a", ink: "#1c1405" }, 4: { shape: "circle", fill: "#3f88c5", ink: "#ffffff" },
};

// One picture for all marks of a severity. A canvas in each, and the numeral above it, would be two surfaces of their
// own that are blended into every frame: six hundred shared blocks of memory after five minutes of heavy rain.
controlroom.alarmPicture = (function () {
  const made = new Map();
  return function (severity) {
    const ratio = window.devicePixelRatio || 1, key = severity + ":" + ratio;
    if (made.has(key)) return made.get(key);
    const { shape, fill } = controlroom.SEVERITIES[severity] || controlroom.SEVERITIES[4];
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = Math.round(28 * ratio);
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    context.translate(14, 14);
    controlroom.drawLook(context, { shape, fill, stroke: "#0c0f12", radius: shape === "triangle" ? 12 : 11 }, 1);
    made.set(key, canvas.toDataURL());
    return made.get(key);
  };
})();

controlroom.alarmShape = function (box, severity, numeral) {
  const { shape, ink } = controlroom.SEVERITIES[severity] || controlroom.SEVERITIES[4];
  const picture = document.createElement("img");
  picture.alt = "";
  picture.draggable = false;
  picture.decoding = "sync";
  picture.src = controlroom.alarmPicture(severity);
  const text = document.createElement("b");
  text.className = shape;
  text.textContent = numeral;
  text.style.color = ink;
  box.append(picture, text);
};

// Marks that would lie over each other are one: that of the worst, with how many there are. Only those in sight are
// elements.
controlroom.MARK_REACH = 24;

controlroom.AlarmMarks = L.LayerGroup.extend({
  initialize: function (channel, touched) {
    L.LayerGroup.prototype.initialize.call(this);
    this.channel = channel;
    this.touched = touched;
    this.alarms = [];
    this.chosen = new Set();
    this.byId = new Map();
    this._soon = controlroom.oncePerFrame(() => this.draw());
  },

  onAdd: function (map) {
    L.LayerGroup.prototype.onAdd.call(this, map);
    map.on("moveend", this._soon, this);
    this.draw();
  },

  onRemove: function (map) {
    map.off("moveend", this._soon, this);
    L.LayerGroup.prototype.onRemove.call(this, map);
  },

  // Each alarm: [id, severity, numeral, lon, lat, title, waiting], the worst first.
  load: function (alarms) {
    this.alarms = alarms;
    this.draw();
  },

  choose: function (ids) {
    this.chosen = new Set(ids);
    this.draw();
  },

  // Groups of alarms, each led by its worst, which comes first.
  gather: function () {
    const reach = controlroom.MARK_REACH, zoom = this._map.getZoom();
    const cells = new Map(), groups = [];
    for (const alarm of this.alarms) {
      const at = this._map.project([alarm[4], alarm[3]], zoom);
      const column = Math.floor(at.x / reach), row = Math.floor(at.y / reach);
      let home = null;
      for (let dx = -1; dx <= 1 && !home; dx++)
        for (let dy = -1; dy <= 1 && !home; dy++)
          home = (cells.get(column + dx + ":" + (row + dy)) || []).find((group) => group.at.distanceTo(at) < reach) || null;
      if (home) {
        home.alarms.push(alarm);
        continue;
      }
      home = { at, alarms: [alarm] };
      const key = column + ":" + row;
      cells.has(key) ? cells.get(key).push(home) : cells.set(key, [home]);
      groups.push(home);
    }
    return groups;
  },

  draw: function () {
    if (!this._map) return;
    const sight = this._map.getBounds().pad(0.2), kept = new Set();
    for (const { alarms } of this.gather()) {
      const [id, , , lon, lat] = alarms[0];
      if (!sight.contains([lat, lon])) continue;
      const waiting = alarms.some((alarm) => alarm[6]), chosen = alarms.some((alarm) => this.chosen.has(alarm[0]));
      const print = JSON.stringify([alarms[0], alarms.length, waiting, chosen]);
      kept.add(id);
      const held = this.byId.get(id);
      if (held) held.alarms = alarms;
      if (held && held.print === print) continue;
      if (held) this.removeLayer(held.marker);
      const made = { print, alarms, marker: null };
      made.marker = this.mark(made, waiting, chosen);
      this.byId.set(id, made);
      this.addLayer(made.marker);
    }
    for (const [id, held] of this.byId)
      if (!kept.has(id)) {
        this.removeLayer(held.marker);
        this.byId.delete(id);
      }
  },

  mark: function (held, waiting, chosen) {
    const [, severity, numeral, lon, lat, title] = held.alarms[0], count = held.alarms.length;
    const box = document.createElement("div");
    box.className = `alarm severity-${severity}` + (waiting ? " waiting" : "") + (chosen ? " chosen" : "");
    controlroom.alarmShape(box, severity, numeral);
    if (count > 1) {
      const told = document.createElement("i");
      told.textContent = count > 999 ? "999+" : String(count);
      box.append(told);
    }
    const words = count > 1 ? `${title} +${count - 1}` : title;
    const icon = L.divIcon({ className: "alarm-anchor", html: box, iconSize: [28, 28], iconAnchor: [14, 14] });
    const marker = L.marker([lat, lon], { icon, pane: "alarms", zIndexOffset: (5 - severity) * 10000, keyboard: true });
    marker.on("click", () => this.clicked(held.alarms));
    marker.on("mouseover", (event) => controlroom.tip.show(words, event.containerPoint || this._map.latLngToContainerPoint([lat, lon])));
    marker.on("mouseout", () => controlroom.tip.hide());
    marker.on("add", () => marker.getElement().setAttribute("aria-label", `${numeral} ${words}`));
    return marker;
  },

  // Several marks at one place are listed, since no closer look takes them apart.
  clicked: function (alarms) {
    if (alarms.length === 1) return this.channel.clickedAlarm(alarms[0][0]);
    const bounds = L.latLngBounds(alarms.map((alarm) => [alarm[4], alarm[3]])), map = this._map;
    const size = map.project(bounds.getNorthEast(), 18).distanceTo(map.project(bounds.getSouthWest(), 18));
    if (map.getZoom() >= 17 || size < controlroom.MARK_REACH) return this.channel.clickedAlarms(alarms.map((alarm) => alarm[0]));
    this.touched();
    map.setView(bounds.getCenter(), Math.min(18, map.getZoom() + 2));
  },
});

// An open incident is a flag on a pole: its foot stands at the place, so that an alarm there stays to be seen.
controlroom.IncidentFlags = L.LayerGroup.extend({
  initialize: function (channel) {
    L.LayerGroup.prototype.initialize.call(this);
    this.channel = channel;
  },

  // Each incident: [id, grade, numeral, lon, lat, title], the gravest first.
  load: function (incidents) {
    this.clearLayers();
    for (const incident of incidents) this.addLayer(this.flag(incident));
  },

  flag: function ([id, grade, numeral, lon, lat, title]) {
    const { fill, ink } = controlroom.SEVERITIES[grade] || controlroom.SEVERITIES[4];
    const box = document.createElement("div"), cloth = document.createElement("b");
    box.className = "incident";
    cloth.textContent = numeral;
    cloth.style.background = fill;
    cloth.style.color = ink;
    box.append(cloth);
    const icon = L.divIcon({ className: "alarm-anchor", html: box, iconSize: [26, 44], iconAnchor: [2, 44] });
    const marker = L.marker([lat, lon], { icon, pane: "incidents", zIndexOffset: (5 - grade) * 10000, keyboard: true });
    marker.on("click", () => this.channel.clickedIncident(id));
    marker.on("mouseover", () => controlroom.tip.show(title, this._map.latLngToContainerPoint([lat, lon])));
    marker.on("mouseout", () => controlroom.tip.hide());
    marker.on("add", () => marker.getElement().setAttribute("aria-label", `${numeral} ${title}`));
    return marker;
  },
});

controlroom.Selected = class {
  constructor(map) {
    this.map = map;
    this.marker = null;
  }

  // [x, y, name] or null.
  show(selection) {
    if (this.marker) this.marker.remove();
    this.marker = null;
    if (!selection) return;
    const [x, y, name] = selection;
    const box = document.createElement("div");
    box.className = "selected";
    const label = document.createElement("span");
    label.textContent = name;
    box.append(label);
    const icon = L.divIcon({ className: "selected-anchor", html: box, iconSize: [36, 36], iconAnchor: [18, 18] });
    this.marker = L.marker(controlroom.toLatLng(x, y), { icon, interactive: false, keyboard: false, pane: "selected" });
    this.marker.addTo(this.map);
  }
};

controlroom.Tip = class {
  constructor(host) {
    this.element = document.createElement("div");
    this.element.className = "tip";
    this.element.hidden = true;
    host.append(this.element);
  }

  show(text, point) {
    this.element.textContent = text;
    this.element.style.transform = `translate(${Math.round(point.x + 14)}px, ${Math.round(point.y + 10)}px)`;
    this.element.hidden = !text;
  }

  hide() {
    this.element.hidden = true;
  }
};
