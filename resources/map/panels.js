"use strict";
// What stands at the edges of the map: place of the pointer, scale, sources, legend, the veil of old data.
controlroom.Panels = class {
  // `shows(id)` tells whether a layer is on the map: the legend explains nothing else.
  constructor(map, host, shows) {
    this.map = map;
    this.texts = {};
    this.theme = null;
    this.layers = [];
    this.sheets = [];
    this.shows = shows;
    L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
    this.place = this._make("div", "place", host);
    this.sources = this._make("div", "sources", host);
    this.legend = this._make("div", "legend", host);
    this.baseNote = this._make("div", "basenote", host);
    this.baseNote.hidden = true;
    this.veil = this._make("div", "veil", host);
    this.veil.hidden = true;
    this.veilText = this._make("span", "", this.veil);
    this.pointer = map.getCenter();
    map.on("mousemove", (event) => {
      this.pointer = event.latlng;
      this.showPlace();
    });
    map.on("moveend zoomend", () => this.showPlace());
  }

  showPlace() {
    const { lng, lat } = this.pointer;
    const side = (value, positive, negative) => `${Math.abs(value).toFixed(5)}° ${value < 0 ? negative : positive}`;
    this.place.textContent = `${side(lng, "E", "W")}  ${side(lat, "N", "S")}  z${this.map.getZoom()}`;
  }

  retext(texts) {
    this.texts = texts;
    this.tellSources();
    this.veilText.textContent = texts.veil || "";
    this.drawLegend();
    this.showPlace();
  }

  showVeil(shown, texts) {
    if (texts) this.veilText.textContent = texts.veil || "";
    this.veil.hidden = !shown;
  }

  // Whose base map it is, and what is wrong with it.
  tellBase(shown, source, note) {
    this.hasBase = shown;
    this.baseSource = source;
    this.baseNote.hidden = !note;
    this.baseNote.textContent = note ? "⚠ " + note : "";
    this.tellSources();
    this.drawLegend();
  }

  tellSources() {
    this.sources.textContent = [this.baseSource, this.texts.sources].filter(Boolean).join(" · ");
  }

  drawLegend() {
    if (!this.theme) return;
    this.legend.replaceChildren();
    const theme = this.theme, texts = this.texts;
    const sensors = controlroom.looks("sensors", theme).states, cameras = controlroom.looks("cameras", theme).states;
    const looked = (look) => (context) => controlroom.drawLook(context, look, 1);
    if (this.shows("sensors")) [6, 5, 4, 3, 1, 2, 0].forEach((state) => this._line(looked(sensors[state]), texts["sensor" + state]));
    if (this.shows("cameras")) [1, 2, 3, 0].forEach((state) => this._line(looked(cameras[state]), texts["camera" + state]));
    if (this.shows("vehicles")) {
      this._line((context) => controlroom.drawVehicle(context, theme, 1, false), texts.service);
      this._line((context) => controlroom.drawVehicle(context, theme, 0, false), texts.vehicle);
      this._line((context) => controlroom.drawVehicle(context, theme, 1, true), texts.staleVehicle);
    }
    for (const layer of this.layers.filter((one) => this.shows(one.id)))
      for (const one of layer.classes)
        this._line(looked(controlroom.classLook(theme, one)), one[0] ? `${layer.title}: ${one[0]}` : layer.title);
    for (const sheet of this.sheets.filter((one) => this.shows(one.id))) this._sheet(sheet, looked);
    this._make("p", "", this.legend).textContent = texts.schematic || "";
    if (!this.hasBase) this._make("p", "", this.legend).textContent = texts.waterless || "";
  }

  // A thematic layer: its classes, and what its coordinates were taken for.
  _sheet(sheet, looked) {
    const sign = (colour, shape) => (context) => {
      context.fillStyle = context.strokeStyle = colour;
      if (shape === "area") context.fillRect(-8, -5, 16, 10);
      else if (shape === "line") context.fillRect(-8, -1, 16, 2);
      else looked({ shape, fill: colour, stroke: this.theme.edge, radius: 5 })(context);
    };
    for (const [colour, shape, label] of sheet.classes) this._line(sign(colour, shape), label ? `${sheet.title}: ${label}` : sheet.title);
    if (sheet.note) this._make("p", "", this.legend).textContent = sheet.note;
  }

  _line(draw, text) {
    const line = this._make("div", "line", this.legend);
    const ratio = window.devicePixelRatio || 1;
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = Math.round(20 * ratio);
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    context.translate(10, 10);
    draw(context);
    line.append(canvas);
    this._make("span", "", line).textContent = text || "";
  }

  _make(tag, name, parent) {
    const element = document.createElement(tag);
    element.className = name;
    parent.append(element);
    return element;
  }
};
