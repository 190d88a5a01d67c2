// Draws the figures of the analytics. The server says what is drawn and where a click leads; colours, sizes and type
// are those of tokens.css. Everything here is in the table below each chart too.

const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
const dark = matchMedia("(prefers-color-scheme: dark)");
const number = new Intl.NumberFormat("en");

// A token may be light-dark(…), which only an element's own colour resolves.
function token(name) {
  const probe = document.createElement("i");
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

function palette() {
  const names = ["text", "text-strong", "text-quiet", "line", "line-strong", "surface-1", "surface-2", "accent", "negative", "neutral", "positive", "tint-chip"];
  return Object.fromEntries(names.map((name) => [name, token(name)]));
}

const faint = (colour, share) => colour.replace(/^rgba?\(([^)]*)\)$/, (_, parts) => `rgba(${parts.split(",").slice(0, 3).join(",")}, ${share})`);
const text = (c, more = {}) => ({ color: c.text, fontSize: 12, fontFamily: getComputedStyle(document.body).fontFamily, ...more });
const labels = (c, data, more = {}) => ({ type: "category", data, axisLine: { lineStyle: { color: c.line } }, axisTick: { show: false }, axisLabel: text(c, { hideOverlap: true }), ...more });
const values = (c, more = {}) => ({ type: "value", axisLabel: text(c, { color: c["text-quiet"], formatter: (value) => number.format(Math.abs(value)) }), splitLine: { lineStyle: { color: c.line } }, splitNumber: 3, minInterval: 1, ...more });
const linked = (data, links, sign = 1) => data.map((value, place) => ({ value: sign * value, href: links?.[place] }));

// Drawn on the canvas: a box of HTML would bring styles of its own, which our pages do not allow.
const tooltip = (c, formatter, trigger = "axis") => ({ trigger, renderMode: "richText", confine: true, formatter, backgroundColor: c["surface-2"], borderColor: c.line, textStyle: text(c), axisPointer: { type: "line", lineStyle: { color: c["line-strong"] }, shadowStyle: { color: faint(c["text-quiet"], 0.1) } } });
const frame = { left: 4, right: 16, top: 24, bottom: 4, containLabel: true };

const kinds = {
  volume(d, c) {
    return {
      grid: frame,
      tooltip: tooltip(c, ([now, before]) => `${now.name}\n${number.format(now.value)} mentions\n${number.format(before.value)} before`),
      xAxis: labels(c, d.labels, { boundaryGap: false }),
      yAxis: values(c),
      series: [
        { name: "now", type: "line", data: linked(d.now, d.links), lineStyle: { color: c.accent, width: 2 }, itemStyle: { color: c.accent }, areaStyle: { color: faint(c.accent, 0.12) }, symbol: "circle", symbolSize: 7, showSymbol: d.now.length < 40, triggerLineEvent: false, z: 3 },
        { name: "before", type: "line", data: d.before, lineStyle: { color: c["line-strong"], width: 1.5, type: "dashed" }, itemStyle: { color: c["line-strong"] }, symbol: "none", silent: true },
      ],
    };
  },

  flow(d, c) {
    const line = (name, style, more) => ({ name, type: "line", data: linked(d[name], d.links?.[name]), symbol: "circle", symbolSize: 7, showSymbol: d.labels.length < 40, ...more, ...style });
    return {
      grid: frame,
      tooltip: tooltip(c, ([one]) => `${one.name}\n${number.format(d.begun[one.dataIndex])} begun\n${number.format(d.closed[one.dataIndex])} closed`),
      legend: { top: 0, left: 4, itemWidth: 16, textStyle: text(c), selectedMode: false },
      xAxis: labels(c, d.labels, { boundaryGap: false }),
      yAxis: values(c),
      series: [
        line("begun", { lineStyle: { color: c.accent, width: 2 }, itemStyle: { color: c.accent } }, { z: 3 }),
        line("closed", { lineStyle: { color: c["text-quiet"], width: 2, type: "dashed" }, itemStyle: { color: c["text-quiet"] } }),
      ],
    };
  },

  days(d, c) {
    const names = [["negative", "▼"], ["neutral", "●"], ["positive", "▲"]];
    return {
      grid: frame,
      legend: { top: 0, left: 4, itemWidth: 10, itemHeight: 10, textStyle: text(c), selectedMode: false, data: [...names.map(([name]) => d.words[name]), d.words.before] },
      tooltip: tooltip(c, (parts) => [parts[0].name, ...parts.map((part) => `${number.format(part.value)} ${part.seriesName}`)].join("\n")),
      xAxis: labels(c, d.labels),
      yAxis: values(c),
      series: [
        ...names.map(([name]) => ({ name: d.words[name], type: "bar", stack: "all", data: d[name], itemStyle: { color: c[name], borderColor: c["surface-1"], borderWidth: 1 }, barMaxWidth: 48 })),
        { name: d.words.before, type: "line", data: d.before, lineStyle: { color: c["text-strong"], width: 1.5, type: "dashed" }, itemStyle: { color: c["text-strong"] }, symbol: "circle", symbolSize: 4 },
      ],
    };
  },

  // A hashtag or campaign: what was said in all, and with it, before and after its first day.
  around(d, c) {
    const line = (name, data, colour, more) => ({ name, type: "line", data, lineStyle: { color: colour, width: 2 }, itemStyle: { color: colour }, symbol: "circle", symbolSize: 7, ...more });
    const first = { silent: true, symbol: "none", lineStyle: { color: c["line-strong"], type: "dashed" }, label: { ...text(c, { color: c["text-quiet"] }), formatter: d.name, position: "end" }, data: [{ xAxis: d.first }] };
    return {
      grid: frame,
      tooltip: tooltip(c, ([all, tagged]) => `${all.name}\n${number.format(all.value)} mentions\n${number.format(tagged.value)} with ${d.name}`),
      xAxis: labels(c, d.labels, { boundaryGap: false }),
      yAxis: values(c),
      series: [line("all", linked(d.all, d.links), c["text-quiet"], { lineStyle: { color: c["line-strong"], width: 2 }, markLine: first }), line("tagged", linked(d.tagged, d.tagged_links), c.accent, { areaStyle: { color: faint(c.accent, 0.12) }, z: 3 })],
    };
  },

  stance(d, c) {
    const band = d.high.map((high, place) => (high === null ? null : high - d.low[place]));
    const share = (place) => (d.share[place] === null ? "too few for a share" : `${d.share[place]} % negative (${d.low[place]}–${d.high[place]})`);
    const line = { step: "middle", xAxisIndex: 1, yAxisIndex: 1, type: "line", symbol: "none", silent: true };
    const title = (words, top) => ({ text: words, left: 4, top, textStyle: text(c, { color: c["text-quiet"], fontWeight: 400 }) });
    return {
      title: [title("▲ positive above, ▼ negative below", 0), title("Negative share in %, with its interval", "61%")],
      grid: [{ left: 4, right: 16, top: 24, height: "48%", containLabel: true }, { left: 4, right: 16, top: "70%", bottom: 4, containLabel: true }],
      tooltip: tooltip(c, (parts) => `${d.labels[parts[0].dataIndex]}\n▲ ${number.format(d.positive[parts[0].dataIndex])} positive\n▼ ${number.format(d.negative[parts[0].dataIndex])} negative\n${share(parts[0].dataIndex)}`),
      axisPointer: { link: [{ xAxisIndex: "all" }] },
      xAxis: [labels(c, d.labels, { axisLabel: { show: false }, axisLine: { onZero: true, lineStyle: { color: c["line-strong"] } } }), labels(c, d.labels, { gridIndex: 1, boundaryGap: true })],
      yAxis: [values(c), values(c, { gridIndex: 1, min: 0, max: 100, splitNumber: 2 })],
      series: [
        { type: "bar", stack: "mood", data: linked(d.positive, d.links?.positive), itemStyle: { color: c.positive }, barMaxWidth: 24 },
        { type: "bar", stack: "mood", data: linked(d.negative, d.links?.negative, -1), itemStyle: { color: c.negative } },
        { ...line, stack: "band", data: d.low, lineStyle: { opacity: 0 } },
        { ...line, stack: "band", data: band, lineStyle: { opacity: 0 }, areaStyle: { color: faint(c.negative, 0.18) } },
        { ...line, data: d.share, lineStyle: { color: c.negative, width: 2 } },
      ],
    };
  },

  bars(d, c) {
    return {
      grid: { ...frame, top: 4, right: 130 },
      tooltip: tooltip(c, (part) => `${part.name}: ${number.format(part.value)}\n${d.words[part.dataIndex]}`, "item"),
      xAxis: values(c, { show: false }),
      yAxis: labels(c, d.labels, { inverse: true, axisLine: { show: false }, axisLabel: text(c, { width: 110, overflow: "truncate" }) }),
      series: [{ type: "bar", data: linked(d.values, d.links), itemStyle: { color: c.accent, borderRadius: 2 }, barMaxWidth: 18, label: { show: true, position: "right", ...text(c), formatter: (part) => `${number.format(part.value)}  ${d.words[part.dataIndex]}` } }],
    };
  },

  split(d, c) {
    const names = [["negative", "▼"], ["neutral", "●"], ["positive", "▲"]];
    return {
      grid: frame,
      legend: { top: 0, left: 4, itemWidth: 10, itemHeight: 10, textStyle: text(c), data: names.map(([name]) => name), selectedMode: false, formatter: (name) => `${names.find(([one]) => one === name)[1]} ${name}` },
      tooltip: tooltip(c, (part) => `${part.name}\n${number.format(part.value)} ${part.seriesName}`, "item"),
      xAxis: values(c),
      yAxis: labels(c, d.labels, { inverse: true, axisLine: { show: false }, axisLabel: text(c, { width: 110, overflow: "truncate" }) }),
      series: names.map(([name]) => ({ name, type: "bar", stack: "all", data: linked(d[name], d.links?.[name]), itemStyle: { color: c[name], borderColor: c["surface-1"], borderWidth: 1 }, barMaxWidth: 26 })),
    };
  },

  heat(d, c) {
    const cells = d.values.flatMap((row, day) => row.map((value, hour) => ({ value: [hour, day, value], href: d.links?.[day][hour] })));
    const most = Math.max(1, ...d.values.flat());
    return {
      grid: { ...frame, top: 4 },
      tooltip: tooltip(c, (part) => `${d.rows[part.value[1]]} ${d.hours[part.value[0]]} ${d.zone}\n${number.format(part.value[2])} mentions`, "item"),
      xAxis: labels(c, d.hours.map((hour) => (hour.endsWith(":00") ? `${parseInt(hour)}` : hour)), { axisLine: { show: false } }),
      yAxis: labels(c, d.rows, { inverse: true, axisLine: { show: false } }),
      visualMap: { show: false, min: 0, max: most, inRange: { color: [c["tint-chip"], c.accent] } },
      series: [{ type: "heatmap", data: cells, itemStyle: { borderColor: c["surface-1"], borderWidth: 2, borderRadius: 3 }, emphasis: { itemStyle: { borderColor: c["text-strong"], borderWidth: 1 } } }],
    };
  },

  drivers(d, c) {
    return {
      grid: { ...frame, right: 130, left: 4 },
      tooltip: tooltip(c, (part) => `${part.name}\n${d.words[part.dataIndex]}`, "item"),
      xAxis: values(c, { show: false }),
      yAxis: labels(c, d.labels, { inverse: true, axisLine: { show: false }, axisLabel: text(c, { width: 150, overflow: "truncate" }) }),
      series: [{ type: "bar", data: d.values.map((value) => ({ value, itemStyle: { color: value > 0 ? c.accent : c["line-strong"] } })), barMaxWidth: 14, silent: true, label: { show: true, position: "right", ...text(c, { color: c["text-quiet"] }), formatter: (part) => d.words[part.dataIndex] } }],
    };
  },

  times(d, c) {
    const bar = (name, data, colour) => ({ name, type: "bar", data, itemStyle: { color: colour, borderRadius: 2 }, barGap: "-100%", barMaxWidth: 18, silent: true });
    return {
      grid: { ...frame, top: 4, right: 150 },
      xAxis: values(c, { show: false }),
      yAxis: labels(c, d.labels, { inverse: true, axisLine: { show: false } }),
      series: [{ ...bar("90 %", d.p90, faint(c.accent, 0.25)), label: { show: true, position: "right", ...text(c), formatter: (part) => d.words[part.dataIndex] } }, bar("median", d.median, c.accent)],
    };
  },
};

function draw(place) {
  const data = JSON.parse(place.dataset.chart);
  const chart = echarts.getInstanceByDom(place) ?? echarts.init(place, null, { renderer: "canvas" });
  chart.setOption({ animation: !still, animationDuration: 120, aria: { enabled: false }, ...kinds[data.kind](data, palette()) }, true);
  return chart;
}

function start(place) {
  const chart = draw(place);
  chart.on("click", (part) => part.data?.href && location.assign(part.data.href));
  new ResizeObserver(() => chart.resize()).observe(place);
  const button = document.querySelector(`[data-png="${place.dataset.name}"]`);
  button.hidden = false;
  button.addEventListener("click", () => save(chart, place.dataset.name));
}

function save(chart, name) {
  const link = document.createElement("a");
  link.download = `${name}.png`;
  link.href = chart.getDataURL({ type: "png", pixelRatio: 2, backgroundColor: token("surface-1") });
  link.click();
}

const places = [...document.querySelectorAll("[data-chart]")];
places.forEach(start);
const redraw = () => places.forEach(draw);
dark.addEventListener("change", redraw);
new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
