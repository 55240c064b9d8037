"use strict";
// The hand that chooses an area: Shift and a drag make a box; a polygon grows by clicks, or by keys at the middle.
controlroom.LEAST_DRAG = 5;

controlroom.Chooser = class {
  constructor(map, channel) {
    this.map = map;
    this.channel = channel;
    this.corners = null;
    this.area = null;
    this.sketch = null;
    this.quietUntil = 0;
    this.frame = document.createElement("div");
    this.frame.className = "choosing";
    this.frame.hidden = true;
    map.getContainer().append(this.frame);
    map.boxZoom.disable();
    this.renderer = L.svg({ pane: "choosing" });
    this.listenToBox();
    map.on("mousemove", (event) => this.corners && this.outline(event.latlng));
    map.on("dblclick", () => this.corners && this.finish());
    document.addEventListener("keydown", (event) => this.key(event), true);
  }

  // A click that ended a drag, or belongs to a polygon, picks nothing.
  swallows() {
    return performance.now() < this.quietUntil;
  }

  listenToBox() {
    const host = this.map.getContainer();
    let from = null;
    const at = (event) => this.map.mouseEventToContainerPoint(event);
    host.addEventListener("mousedown", (event) => {
      if (!event.shiftKey || event.button !== 0 || this.corners) return;
      from = at(event);
      event.preventDefault();
    });
    document.addEventListener("mousemove", (event) => {
      if (!from) return;
      const to = at(event);
      this.frame.hidden = false;
      this.frame.style.left = Math.min(from.x, to.x) + "px";
      this.frame.style.top = Math.min(from.y, to.y) + "px";
      this.frame.style.width = Math.abs(from.x - to.x) + "px";
      this.frame.style.height = Math.abs(from.y - to.y) + "px";
    });
    document.addEventListener("mouseup", (event) => {
      if (!from) return;
      const start = from, to = at(event);
      from = null;
      this.frame.hidden = true;
      if (start.distanceTo(to) < controlroom.LEAST_DRAG) return;
      this.quietUntil = performance.now() + 250;
      const one = this.map.containerPointToLatLng(start), other = this.map.containerPointToLatLng(to);
      this.channel.choseArea([[one.lng, one.lat], [other.lng, one.lat], [other.lng, other.lat], [one.lng, other.lat]]);
    });
  }

  begin(wanted) {
    this.corners = wanted ? [] : null;
    this.map.getContainer().classList.toggle("drawing", !!wanted);
    wanted ? this.map.doubleClickZoom.disable() : this.map.doubleClickZoom.enable();
    if (!wanted && this.sketch) {
      this.sketch.remove();
      this.sketch = null;
    }
    if (wanted) this.map.getContainer().focus();
  }

  // Whether a click belongs to the polygon.
  take(latlng) {
    if (!this.corners) return false;
    const last = this.corners[this.corners.length - 1];
    const same = last && this.map.latLngToContainerPoint(last).distanceTo(this.map.latLngToContainerPoint(latlng)) < 3;
    if (!same && this.corners.length < 500) this.corners.push(latlng);
    this.outline(latlng);
    return true;
  }

  key(event) {
    if (!this.corners) return;
    if (event.key === "Enter") this.finish();
    else if (event.key === "Escape") this.cancel();
    else if (event.key === "Backspace") this.corners.pop();
    else if (event.key === " " || event.key === "Insert") this.take(this.map.getCenter());
    else return;
    event.preventDefault();
    event.stopPropagation();
    if (this.corners) this.outline();
  }

  cancel() {
    this.begin(false);
    this.channel.choseArea([]);
  }

  finish() {
    const corners = this.corners.map((corner) => [corner.lng, corner.lat]);
    this.quietUntil = performance.now() + 250;
    this.begin(false);
    this.channel.choseArea(corners.length > 2 ? corners : []);
  }

  outline(pointer) {
    const ring = pointer ? [...this.corners, pointer] : this.corners;
    if (!this.sketch) this.sketch = L.polygon([], { renderer: this.renderer, interactive: false, className: "sketch" }).addTo(this.map);
    this.sketch.setLatLngs(ring);
  }

  // The border of what was chosen; an empty ring takes it away.
  show(ring) {
    if (this.area) this.area.remove();
    this.area = null;
    if (ring.length < 3) return;
    const places = ring.map(([lon, lat]) => [lat, lon]);
    this.area = L.polygon(places, { renderer: this.renderer, interactive: false, className: "chosen-area" }).addTo(this.map);
  }
};
