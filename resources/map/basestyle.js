"use strict";
// Vector base maps: quiet colours under the room's own, for tiles of the OpenMapTiles and Protomaps schemas; layers of
// any other name are drawn as plain lines and names.
controlroom.BASE_THEMES = {
  dark: {
    land: "#1a1f25", green: "#1c2725", built: "#1f252c", water: "#182a36", stream: "#22394a", building: "#262d35", motorway: "#4c5762",
    main: "#3e4851", street: "#2f373f", path: "#2a3138", rail: "#39424b", border: "#5a6671", ink: "#97a5b1", halo: "#14181d", waterInk: "#6d8698",
  },
  light: {
    land: "#f3f4f5", green: "#e5ebe5", built: "#ecedee", water: "#d0dce5", stream: "#bccdd9", building: "#dfe2e4", motorway: "#b3bbc3",
    main: "#c6ccd2", street: "#d9dde1", path: "#e2e5e8", rail: "#bfc5cb", border: "#9aa4ad", ink: "#58646e", halo: "#ffffff", waterInk: "#6b8aa0",
  },
};

controlroom.BASE_FONT = '"Noto Sans CJK SC", "Microsoft YaHei", sans-serif';
controlroom.BASE_KNOWN = [
  "earth", "landcover", "landuse", "park", "natural", "water", "waterway", "water_name", "aeroway", "building", "buildings", "boundary",
  "boundaries", "transportation", "transportation_name", "roads", "transit", "place", "places", "poi", "pois", "housenumber", "aerodrome_label",
  "mountain_peak", "physical_line", "physical_point",
];

controlroom.kindOf = (feature) => String(feature.props.class || feature.props.kind || feature.props.type || "");

// 3 motorways, 2 main roads, 1 streets, 0 paths, -1 rails.
controlroom.roadRank = function (feature) {
  const kind = controlroom.kindOf(feature), detail = String(feature.props.kind_detail || feature.props.subclass || "");
  if (/rail|subway|transit|tram|light_rail/.test(kind)) return -1;
  if (/motorway|highway|trunk/.test(kind)) return 3;
  if (/primary|secondary|major/.test(kind)) return 2;
  if (/path|track|footway|cycleway|pedestrian|steps|ferry|other/.test(kind) || /footway|path/.test(detail)) return 0;
  return 1;
};

controlroom.baseRules = function (colours, others) {
  const { PolygonSymbolizer, LineSymbolizer, exp } = protomapsL;
  const area = (dataLayer, fill, filter, options) => ({ dataLayer, symbolizer: new PolygonSymbolizer({ fill, ...options }), filter: (z, f) => f.geomType === 3 && (!filter || filter(f)) });
  const line = (dataLayer, color, width, filter, options) => ({ dataLayer, symbolizer: new LineSymbolizer({ color, width, lineCap: "round", lineJoin: "round", ...options }), filter: (z, f) => f.geomType === 2 && (!filter || filter(f, z)) });
  const kind = controlroom.kindOf, rank = controlroom.roadRank;
  const isGreen = (f) => /wood|forest|grass|park|farm|scrub|garden|cemetery|meadow|nature|recreation|golf|wetland|pitch|national/.test(kind(f));
  const rules = [area("earth", colours.land), area("landcover", colours.green, isGreen), area("landuse", colours.green, isGreen)];
  rules.push(area("landuse", colours.built, (f) => !isGreen(f)), area("park", colours.green), area("natural", colours.green, isGreen), area("aeroway", colours.built));
  rules.push(area("water", colours.water), line("water", colours.stream, exp(1.4, [[9, 0.6], [16, 3]])), line("waterway", colours.stream, exp(1.4, [[9, 0.6], [16, 3]])));
  for (const name of ["building", "buildings"]) rules.push({ ...area(name, colours.building), minzoom: 14 });
  for (const name of ["transportation", "roads", "transit"]) {
    rules.push({ ...line(name, colours.path, 1, (f) => rank(f) === 0), minzoom: 15 });
    rules.push(line(name, colours.street, exp(1.5, [[11, 0.4], [14, 1.4], [18, 7]]), (f, z) => rank(f) === 1 && z >= 12));
    rules.push({ ...line(name, colours.rail, 1.2, (f) => rank(f) === -1, { dash: [5, 4], dashColor: colours.rail, dashWidth: 1.2 }), minzoom: 11 });
    rules.push(line(name, colours.main, exp(1.5, [[9, 0.6], [14, 2.4], [18, 10]]), (f) => rank(f) === 2));
    rules.push(line(name, colours.motorway, exp(1.5, [[8, 1], [14, 3.2], [18, 12]]), (f) => rank(f) === 3));
  }
  for (const name of ["boundary", "boundaries"]) rules.push(line(name, colours.border, 1, null, { dash: [6, 3, 1, 3], dashColor: colours.border, dashWidth: 1 }));
  for (const name of others) rules.push(area(name, colours.built, null, { opacity: 0.5 }), line(name, colours.main, 1));
  return rules;
};

controlroom.baseLabels = function (colours, others, chinese) {
  const { CenteredTextSymbolizer, LineLabelSymbolizer } = protomapsL;
  const own = ["name:zh", "name:zh-Hans", "name_zh"], english = ["name:en", "name_en"];
  const labelProps = chinese ? [...own, "name", ...english] : [...english, "name", ...own];
  const words = (fill, size, weight) => ({ labelProps, fill, stroke: colours.halo, width: 2, font: `${weight || 400} ${size}px ${controlroom.BASE_FONT}` });
  const point = (dataLayer, size, options, filter) => ({ dataLayer, symbolizer: new CenteredTextSymbolizer({ ...words(options.fill || colours.ink, size, options.weight), lineHeight: 1.4 }), filter: (z, f) => f.geomType === 1 && (!filter || filter(f)), minzoom: options.from });
  const kind = controlroom.kindOf, sub = (f) => `${kind(f)} ${f.props.kind_detail || ""}`;
  const rules = [];
  for (const name of ["place", "places"]) {
    rules.push(point(name, 15, { weight: 500 }, (f) => /city|country|state|province|region/.test(sub(f)) && !/district/.test(sub(f))));
    rules.push(point(name, 13, { from: 9 }, (f) => /town|county|district|borough/.test(sub(f))));
    rules.push(point(name, 12, { from: 12 }, (f) => !/city|country|state|province|region|town|county|district|borough/.test(sub(f))));
  }
  for (const name of ["water_name", "water", "physical_point"]) rules.push(point(name, 12, { fill: colours.waterInk, from: 11 }));
  for (const name of ["transportation_name", "roads", "transportation"])
    rules.push({ dataLayer: name, symbolizer: new LineLabelSymbolizer({ ...words(colours.ink, 11), repeatDistance: 400 }), filter: (z, f) => f.geomType === 2 && (controlroom.roadRank(f) >= 2 || z >= 15), minzoom: 12 });
  for (const name of ["waterway", "physical_line"])
    rules.push({ dataLayer: name, symbolizer: new LineLabelSymbolizer({ ...words(colours.waterInk, 11), repeatDistance: 500 }), filter: (z, f) => f.geomType === 2, minzoom: 12 });
  for (const name of ["poi", "pois"]) rules.push(point(name, 11, { from: 16 }));
  for (const name of others) rules.push(point(name, 12, { from: 12 }));
  return rules;
};

// Fades the layer's tiles towards the ground's colour, which alone lies below them: to let it through in every frame
// would cost a blend of the whole window. So they hide what is below, and are drawn anew when that changes.
controlroom.veil = function (layer, opacity, dark) {
  const ground = controlroom.THEMES[dark ? "dark" : "light"].ground, plain = layer.renderTile.bind(layer);
  layer.renderTile = (coords, element, key, done) => {
    const context = element.getContext("2d", { ...controlroom.STILL, alpha: false });
    return plain(coords, element, key, () => {
      if (layer.clearness < 1) {
        context.save();
        context.resetTransform();
        context.globalAlpha = 1 - layer.clearness;
        context.fillStyle = ground;
        context.fillRect(0, 0, element.width, element.height);
        context.restore();
      }
      if (done) done();
    });
  };
  layer.clearness = opacity;
  layer.setClearness = (wanted) => {
    if (layer.clearness === wanted) return;
    layer.clearness = wanted;
    layer.rerenderTiles();
  };
};

// The library's layer, with tiles that come from the program; a tile that cannot be understood is empty and counted.
controlroom.vectorBase = function (spec, dark) {
  const colours = controlroom.BASE_THEMES[dark ? "dark" : "light"];
  const others = spec.layers.filter((name) => !controlroom.BASE_KNOWN.includes(name));
  const [west, south, east, north] = spec.bounds;
  const chinese = spec.language.startsWith("zh");
  const layer = protomapsL.leafletLayer({
    url: `crmap://app/base/${spec.version}/{z}/{x}/{y}`, paintRules: controlroom.baseRules(colours, others), labelRules: controlroom.baseLabels(colours, others, chinese),
    backgroundColor: colours.land, maxDataZoom: spec.maxZoom, minZoom: spec.minZoom, bounds: [[south, west], [north, east]], noWrap: true, attribution: "",
    pane: "base", lang: chinese ? "zh" : "en", keepBuffer: 1, updateWhenZooming: false, updateWhenIdle: false,
  });
  layer.missing = 0;
  const cache = layer.views.get("").tileCache, plain = cache.source;
  cache.source = {
    get: (place, side) =>
      plain.get(place, side).catch((error) => {
        if (error.name === "AbortError") throw error;
        layer.missing++;
        return new Map();
      }),
  };
  controlroom.veil(layer, spec.opacity, dark);
  return layer;
};
