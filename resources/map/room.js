"use strict";
// View cones by the state of their camera: not known, online, offline, faulty.
controlroom.CONES = ["#8a949e", "#2a9d8f", "#d7263d", "#e9a23b"];
// Puts the map together and obeys the program: one batch after the other, in the order they come.
controlroom.Room = class {
  constructor(map, channel) {
    this.map = map;
    this.channel = channel;
    const host = map.getContainer();
    // Panes of layers get their height from the tree (stack.js); names of towns and what is chosen lie above all.
    const panes = { ground: 200, cones: 300, graphics: 300, graphicWords: 300, sensors: 300, cameras: 300, trails: 300, movers: 300, towns: 90000, alarms: 300, incidents: 300, choosing: 99000, selected: 100000, sketch: 100100, handles: 100200 };
    for (const name in panes) {
      map.createPane(name).style.zIndex = panes[name];
      if (!["alarms", "incidents", "handles"].includes(name)) map.getPane(name).style.pointerEvents = "none";
    }
    controlroom.tip = new controlroom.Tip(host);
    this.ground = new controlroom.VectorTiles(controlroom.STYLES, { pane: "ground", solid: true }).addTo(map);
    this.base = new controlroom.Base(map, this.ground);
    this.names = new controlroom.TownNames();
    this.movers = new controlroom.Movers({ pane: "movers" });
    this.trails = new controlroom.Trails(this.movers, { pane: "trails" });
    this.marks = new controlroom.AlarmMarks(channel, () => this.touched(true));
    this.flags = new controlroom.IncidentFlags(channel);
    this.cones = L.layerGroup();
    this.graphics = new controlroom.Graphics();
    this.sketch = new controlroom.Sketch(map, channel);
    this.points = new Map([
      [0, new controlroom.PointTiles("cameras", "square", { pane: "cameras" })],
      [1, new controlroom.PointTiles("sensors", "circle", { pane: "sensors" })],
    ]);
    this.chooser = new controlroom.Chooser(map, channel);
    this.stack = new controlroom.Stack(map);
    this.sheets = new controlroom.Sheets(map, this.stack);
    this.fillStack();
    this.plugins = new Map();
    this.selected = new controlroom.Selected(map);
    this.proof = new controlroom.Proof(this);
    this.panels = new controlroom.Panels(map, host, (id) => this.stack.shows(id));
    this.listen();
    controlroom.coming.of(this.loadDistrict());
  }

  fillStack() {
    const map = this.map, ground = this.ground, stack = this.stack;
    const whole = (layer) => (on) => (on ? layer.addTo(map) : layer.remove());
    stack.place("towns", {
      show: (on) => {
        ground.show("cells", on);
        whole(this.names)(on);
      },
      fade: (opacity) => {
        ground.fade("cells", opacity);
        map.getPane("towns").style.opacity = opacity;
      },
      raise: (rank) => ground.raise("cells", rank),
    });
    stack.place("roads", {
      show: (on) => ground.show("roads", on),
      fade: (opacity) => ground.fade("roads", opacity),
      raise: (rank) => ground.raise("roads", rank),
    });
    stack.place("cameras", { show: whole(this.points.get(0)), panes: ["cameras"] });
    stack.place("sensors", { show: whole(this.points.get(1)), panes: ["sensors"] });
    const fleet = (on) => [this.trails, this.movers].forEach((layer) => whole(layer)(on));
    stack.place("vehicles", { show: fleet, panes: ["trails", "movers"] });
    stack.place("alarms", { show: whole(this.marks), panes: ["alarms"] });
    stack.place("incidents", { show: whole(this.flags), panes: ["incidents"] });
    stack.place("cones", { show: whole(this.cones), panes: ["cones"] });
    stack.place("graphics", { show: whole(this.graphics), panes: ["graphics", "graphicWords"] });
    stack.watchers.push(() => this.panels.drawLegend());
  }

  // Kinds of points within one layer: each has a row in the tree, and none needs its points sent again.
  setKinds(kinds) {
    for (const [number, prefix, names] of kinds) {
      const points = this.points.get(number);
      if (!points) continue;
      for (const name of points.kinds.names) if (!names.includes(name)) this.stack.remove(prefix + name);
      points.nameKinds(names);
      for (const name of names)
        if (!this.stack.held.has(prefix + name)) {
          const wish = (field) => (value) => points.wishKind(name, { [field]: value });
          this.stack.place(prefix + name, { show: wish("shown"), fade: wish("opacity"), raise: wish("rank") });
        }
    }
  }

  async loadDistrict() {
    const take = async (name) => (await fetch(`crmap://app/district/${name}.geojson`)).json();
    const lay = async (name) => this.ground.load(name, await take(name));
    const write = async () => this.names.load(await take("towns"));
    await Promise.all([lay("outline"), lay("cells"), lay("roads"), write()]).catch((error) => console.warn("the district could not be drawn: " + error.message));
  }

  listen() {
    const map = this.map;
    const told = () => {
      const centre = map.getCenter();
      document.body.dataset.zoom = map.getZoom() < 11 ? "far" : "near";
      this.channel.lookedAt(centre.lng, centre.lat, map.getZoom());
    };
    map.on("moveend", told);
    told();
    this.listenToHands();
    map.on("click", (event) => {
      if (this.sketch.active || this.sketch.swallow) return this.sketch.click(event);
      if (this.chooser.swallows() || this.chooser.take(event.latlng)) return;
      this.channel.clickedPlace(event.latlng.lng, event.latlng.lat);
      const hit = this.pick(event.latlng, 12);
      if (event.originalEvent.ctrlKey && hit && hit.count === 1) return this.channel.addedPoint(hit.layer, hit.index);
      if (hit && hit.count > 1) this.touched(true);
      if (!hit) this.channel.clickedNothing();
      else if (hit.count > 1) map.setView(event.latlng, Math.min(map.getZoom() + 2, controlroom.CLUSTER_BELOW));
      else this.channel.clickedPoint(hit.layer, hit.index);
    });
    // The menu is that of what is pointed at, too: -2 stands for nothing but the ground.
    map.on("contextmenu", (event) => {
      const hit = this.pick(event.latlng, 12);
      const one = hit && hit.count === 1 ? hit : { layer: -2, index: 0 };
      this.channel.pointedAt(event.latlng.lng, event.latlng.lat, one.layer, one.index);
    });
    document.addEventListener("securitypolicyviolation", (event) => this.channel.violated(event.blockedURI));
    let asked = 0;
    map.on("mousemove", (event) => {
      const turn = ++asked;
      setTimeout(() => {
        if (turn !== asked) return;
        const hit = this.pick(event.latlng, 9);
        if (!hit || hit.count > 1) return controlroom.tip.hide();
        this.channel.describe(hit.layer, hit.index, (text) => turn === asked && controlroom.tip.show(text, event.containerPoint));
      }, 60);
    });
    map.on("mouseout movestart", () => {
      asked++;
      controlroom.tip.hide();
    });
    document.addEventListener("keydown", (event) => {
      if (this.sketch.active && this.sketch.key(event)) return;
      if (event.key === "Home") this.channel.askedHome();
      if (event.key === "Escape") this.channel.gaveUp();
    });
  }

  // Whatever a hand moves the map with is told at once: what keeps the view must not pull against it.
  listenToHands() {
    const map = this.map, host = map.getContainer();
    map.on("dragstart dblclick", () => this.touched(true));
    host.addEventListener("wheel", () => this.touched(true), { passive: true });
    host.addEventListener("touchstart", (event) => event.touches.length > 1 && this.touched(true), { passive: true });
    // The cross that keys point with is seen while keys are used.
    document.addEventListener("mousedown", () => delete document.body.dataset.keys, true);
    document.addEventListener("keydown", (event) => {
      document.body.dataset.keys = "yes";
      if (event.key.startsWith("Arrow")) this.touched(true);
      if (["+", "-", "="].includes(event.key)) this.touched(false);
    }, true);
    const cross = document.createElement("div");
    cross.className = "cross";
    host.append(cross);
  }

  touched(moved) {
    this.channel.handMoved(moved);
  }

  // What lies on top is meant first. -1 stands for the fleet.
  pick(latlng, reach) {
    const zoom = this.map.getZoom();
    const order = [["vehicles", -1, this.movers], ["cameras", 0, this.points.get(0)], ["sensors", 1, this.points.get(1)]];
    for (const [id, plugin] of this.plugins) order.push([id, plugin.number, plugin.points]);
    order.sort((a, b) => this.stack.rank(b[0]) - this.stack.rank(a[0]));
    let cell = null;
    for (const [, number, layer] of order) {
      const hit = this.map.hasLayer(layer) && layer.pick(latlng, zoom, reach);
      if (hit && hit.count === 1) return { layer: number, ...hit };
      cell = cell || (hit ? { layer: number, ...hit } : null);
    }
    return cell;
  }

  // The veil says at once that what is shown is not of now: it never waits for what a batch has to draw.
  async take(batch) {
    if (this.veils(batch.frames)) await controlroom.nextFrame();
    this.apply(batch);
  }

  veils(frames) {
    const command = frames.length && frames[0].kind === "command" ? this.read(frames[0]) : {};
    if (!this.theme || !command.look || !command.look.stale || !this.panels.veil.hidden) return false;
    this.panels.showVeil(true, command.texts);
    return true;
  }

  read(frame) {
    frame.command = frame.command || JSON.parse(new TextDecoder().decode(frame.body));
    return frame.command;
  }

  apply(batch) {
    this.clock = batch.clock;
    this.movers.setClock(batch.clock);
    for (const frame of batch.frames) {
      const points = this.points.get(frame.layer);
      if (frame.kind === "points") controlroom.sweepSoon();
      if (frame.kind === "command") this.obey(this.read(frame));
      else if (frame.kind === "fleet") this.movers.declare(frame.vehicleClass);
      else if (frame.kind === "moves") this.movers.move(frame.time, frame.index, frame.x, frame.y, frame.heading);
      else if (frame.kind === "trails") this.trails.feed(frame);
      else if (frame.kind === "chosen" && frame.layer === 0xffff) this.movers.choose(frame.index);
      else if (!points) continue;
      else if (frame.kind === "chosen") points.choose(frame.index);
      else if (frame.kind === "points") points.load(frame.x, frame.y, frame.state.slice());
      else if (frame.kind === "kinds") points.setKinds(frame.kindOf);
      else if (frame.kind === "states") points.setStates(frame.index, frame.state);
      else if (frame.kind === "allStates") points.setAllStates(frame.state.slice());
    }
    for (const points of this.points.values()) points.drawSoon();
    this.channel.applied(batch.sequence);
  }

  obey(command) {
    if (command.look) this.dress(command.look);
    if (command.base) this.setBase(command.base);
    if (command.texts) this.panels.retext(command.texts);
    if (command.layers) this.setPlugins(command.layers);
    if (command.kinds) this.setKinds(command.kinds);
    if (command.sheets) {
      this.sheets.set(command.sheets);
      this.panels.sheets = command.sheets;
      this.panels.drawLegend();
    }
    if (command.tree) this.stack.wish(command.tree);
    if (command.alarms) this.marks.load(command.alarms);
    if (command.incidents) this.flags.load(command.incidents);
    if (command.cones) this.drawCones(command.cones);
    if (command.graphics) this.graphics.load(command.graphics);
    if ("sketch" in command) this.sketch.show(command.sketch);
    if ("selection" in command) this.selected.show(command.selection);
    if (command.fly) this.map.setView([command.fly[1], command.fly[0]], command.fly[2], { animate: false });
    if (command.pan) this.map.panBy(command.pan);
    if (command.trails) this.trails.set(command.trails);
    if (command.area) {
      this.chooser.show(command.area.ring);
      this.marks.choose(command.area.alarms);
    }
    if ("draw" in command) this.chooser.begin(command.draw);
    if (command.legend !== undefined) this.panels.legend.hidden = !command.legend;
    if ("canary" in command) this.showCanary(command.canary);
    if ("proof" in command) this.proof.obey(command.proof);
    if ("ping" in command) this.channel.ponged(command.ping);
  }

  setBase([spec, source, note]) {
    this.base.load(spec);
    this.panels.tellBase(!!spec, source, note);
  }

  // Each cone: [outline as [lon, lat], camera state, chosen]. An outage is dashed as well as red.
  drawCones(cones) {
    this.cones.clearLayers();
    this.coneRenderer = this.coneRenderer || L.canvas({ pane: "cones" });
    for (const [outline, state, chosen] of cones) {
      const color = controlroom.CONES[state] || controlroom.CONES[0];
      const look = { color, weight: chosen ? 3 : 1, opacity: chosen ? 1 : 0.7, fillColor: color, fillOpacity: chosen ? 0.3 : 0.12 };
      if (state === 2 || state === 0) look.dashArray = "4 4";
      L.polygon(outline.map(([lon, lat]) => [lat, lon]), { ...look, renderer: this.coneRenderer, interactive: false }).addTo(this.cones);
    }
  }

  // Without another theme nothing is drawn anew: the veil alone comes or goes.
  dress(look) {
    this.movers.staleAfterMs = look.staleAfterMs;
    this.panels.showVeil(look.stale);
    if (this.theme === controlroom.THEMES[look.dark ? "dark" : "light"]) return;
    document.body.classList.toggle("light", !look.dark);
    this.theme = controlroom.THEMES[look.dark ? "dark" : "light"];
    for (const name in this.theme) document.body.style.setProperty("--" + name, this.theme[name]);
    this.panels.theme = this.theme;
    for (const layer of this.points.values()) layer.dress(this.theme);
    this.base.dress(this.theme, look.dark);
    for (const layer of [this.trails, this.movers]) layer.dress(this.theme);
    for (const plugin of this.plugins.values()) if (plugin.shapes) plugin.shapes.dress(this.theme);
    this.sheets.dress(this.theme);
    this.panels.drawLegend();
  }

  setPlugins(specs) {
    const wanted = new Set(specs.map((spec) => spec.id));
    for (const [id, plugin] of this.plugins)
      if (!wanted.has(id)) {
        this.stack.remove(id);
        this.points.delete(plugin.number);
        this.plugins.delete(id);
        this.map.getPane(plugin.pane).remove();
      }
    for (const spec of specs) {
      const held = this.plugins.get(spec.id) || this.addPlugin(spec);
      held.points.texts = spec.texts;
      held.points.textZoom = spec.textZoom;
      held.points.alerts = spec.alerts;
      // Points that only moved come as a frame of their own: their layer looks as it did.
      const look = JSON.stringify([spec.classes, spec.texts, spec.textZoom, spec.alerts]);
      if (!this.theme || look === held.look) continue;
      held.look = look;
      held.points.dress(this.theme, spec.classes);
    }
    this.panels.layers = specs;
    this.panels.drawLegend();
  }

  addPlugin(spec) {
    const pane = "layer-" + spec.number;
    this.map.createPane(pane).style.pointerEvents = "none";
    const points = new controlroom.PointTiles("plugin", "circle", { pane, zIndex: 2 });
    points.classes = spec.classes;
    const plugin = { number: spec.number, points, pane, shapes: null };
    if (spec.shapes) {
      const colour = (properties) => (spec.classes[properties.class] || spec.classes[0])[1];
      const style = (properties) => ({ stroke: spec.bordered ? colour(properties) : null, width: 1.6, fill: colour(properties), opacity: spec.opacity });
      plugin.shapes = new controlroom.VectorTiles({ shapes: style }, { pane, zIndex: 1 });
      if (this.theme) plugin.shapes.dress(this.theme);
      const shapes = fetch(`crmap://app/shapes/${spec.number}.geojson`)
        .then((answer) => answer.json())
        .then((collection) => plugin.shapes.load("shapes", collection))
        .catch((error) => console.warn("a layer's shapes could not be drawn: " + error.message));
      controlroom.coming.of(shapes);
    }
    const show = (on) => {
      for (const layer of [points, plugin.shapes]) if (layer) on ? layer.addTo(this.map) : layer.remove();
    };
    this.points.set(spec.number, points);
    this.plugins.set(spec.id, plugin);
    this.stack.place(spec.id, { show, panes: [pane] });
    return plugin;
  }

  // A patch of a known colour, which the program looks for in what is really on the screen.
  showCanary(shown) {
    const held = document.getElementById("canary");
    if (held) held.remove();
    if (!shown) return;
    const patch = document.createElement("div");
    patch.id = "canary";
    document.body.append(patch);
  }
};

// What was left over by drawing everything anew, a quarter of the page's memory, is given back when there is time for it.
controlroom.sweepSoon = (function () {
  let timer = 0;
  return function () {
    clearTimeout(timer);
    if (window.gc) timer = setTimeout(() => gc({ type: "major", execution: "async" }), 1200);
  };
})();

controlroom.start = function (map, options) {
  new QWebChannel(qt.webChannelTransport, (channel) => {
    controlroom.room = new controlroom.Room(map, channel.objects.room);
    controlroom.room.panels.legend.hidden = !options.legend;
    map.getContainer().focus();
    controlroom.follow((batch) => controlroom.room.take(batch));
  });
};
