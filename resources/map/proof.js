"use strict";
// What is fetched and not yet drawn.
controlroom.coming = {
  count: 0,
  of(promise) {
    this.count++;
    const end = () => this.count--;
    promise.then(end, end);
    return promise;
  },
};

// Proves to the program that a view is drawn: in the frame that shows all of it a patch is in the lower right corner,
// which the program looks for in the pixels that it has. The next frame, without the patch, is the picture.
controlroom.Proof = class {
  constructor(room) {
    this.room = room;
    this.order = null;
    this.patch = document.createElement("div");
    this.patch.className = "proof";
  }

  // `order`: {number, width, height, ratio, colour}, null when the patch has been seen, false when nobody waits. Where
  // a hand moved the map since, the picture would be of another view: then the patch stays until that one is drawn.
  obey(order) {
    if (order === null && this.order && this.patch.isConnected && this.view() !== this.shown) return this.wait(this.order, 0);
    this.patch.remove();
    this.order = order;
    if (order) this.wait(order, 0);
  }

  // Layers draw in the frame after a change, and some of them what that brings in one more.
  wait(order, still) {
    if (order !== this.order) return;
    if (still >= 3) return this.show(order);
    const settled = this.fits(order) && this.isDrawn();
    requestAnimationFrame(() => this.wait(order, settled ? still + 1 : 0));
  }

  show(order) {
    const map = this.room.map, centre = map.getCenter();
    this.shown = this.view();
    this.patch.style.background = order.colour;
    document.body.append(this.patch);
    this.room.channel.drew(order.number, centre.lng, centre.lat, map.getZoom(), this.room.clock || 0);
  }

  view() {
    const map = this.room.map;
    return `${map.getCenter()} ${map.getZoom()} ${map._getMapPanePos()}`;
  }

  // Whether the page has the size that the program's view has.
  fits({ width, height, ratio }) {
    const apart = Math.max(Math.abs(innerWidth - width), Math.abs(innerHeight - height));
    if (apart > 1 || Math.abs(devicePixelRatio - ratio) > 0.01) return false;
    const map = this.room.map, host = map.getContainer(), size = map.getSize();
    if (size.x !== host.clientWidth || size.y !== host.clientHeight) map.invalidateSize({ animate: false });
    return true;
  }

  isDrawn() {
    const { map, points, movers, trails } = this.room;
    if (controlroom.coming.count || map._animatingZoom || !this.room.theme) return false;
    if ([...points.values(), movers, trails].some((layer) => map.hasLayer(layer) && layer.waits())) return false;
    let drawn = true;
    map.eachLayer((layer) => {
      if (!(layer instanceof L.GridLayer)) return;
      // After another size the tiles of the new edges may still be to come.
      if (layer._map && layer._tileZoom !== undefined) layer._update();
      for (const key in layer._tiles) if (layer._tiles[key].current && !layer._tiles[key].loaded) drawn = false;
      if (layer.awaited) drawn = false;
    });
    return drawn;
  }
};
