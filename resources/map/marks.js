"use strict";
// Alarms, the selected object and the tip: the few things that are elements. Text goes in by textContent only.
controlroom.SEVERITIES = {
  1: { shape: "diamond", fill: "#d7263d", ink: "#ffffff" }, 2: { shape: "triangle", fill: "#f46036", ink: "#1c1405" },
  3: { shape: "square", fill: "#e9c46a", ink: "#1c1405" }, 4: { shape: "circle", fill: "#3f88c5", ink: "#ffffff" },
};

controlroom.alarmShape = function (box, severity, numeral) {
  const ratio = window.devicePixelRatio || 1;
  const { shape, fill, ink } = controlroom.SEVERITIES[severity] || controlroom.SEVERITIES[4];
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = Math.round(28 * ratio);
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  context.translate(14, 14);
  controlroom.drawLook(context, { shape, fill, stroke: "#0c0f12", radius: shape === "triangle" ? 12 : 11 }, 1);
  const text = document.createElement("b");
  text.className = shape;
  text.textContent = numeral;
  text.style.color = ink;
  box.append(canvas, text);
};

controlroom.AlarmMarks = L.LayerGroup.extend({
  initialize: function (clicked) {
    L.LayerGroup.prototype.initialize.call(this);
    this.clicked = clicked;
    this.byId = new Map();
  },

  // Each alarm: [id, severity, numeral, lon, lat, title, waiting].
  load: function (alarms) {
    const kept = new Set();
    for (const alarm of alarms) {
      const [id, severity, numeral, lon, lat, title, waiting] = alarm;
      const print = JSON.stringify(alarm);
      kept.add(id);
      const held = this.byId.get(id);
      if (held && held.print === print) continue;
      if (held) this.removeLayer(held.marker);
      const box = document.createElement("div");
      box.className = `alarm severity-${severity}` + (waiting ? " waiting" : "");
      controlroom.alarmShape(box, severity, numeral);
      const icon = L.divIcon({ className: "alarm-anchor", html: box, iconSize: [28, 28], iconAnchor: [14, 14] });
      const marker = L.marker([lat, lon], { icon, pane: "alarms", zIndexOffset: (5 - severity) * 10000, keyboard: true });
      marker.on("click", () => this.clicked(id));
      marker.on("mouseover", (event) => controlroom.tip.show(title, event.containerPoint || this._map.latLngToContainerPoint([lat, lon])));
      marker.on("mouseout", () => controlroom.tip.hide());
      marker.on("add", () => marker.getElement().setAttribute("aria-label", `${numeral} ${title}`));
      this.byId.set(id, { marker, print });
      this.addLayer(marker);
    }
    for (const [id, held] of this.byId)
      if (!kept.has(id)) {
        this.removeLayer(held.marker);
        this.byId.delete(id);
      }
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
