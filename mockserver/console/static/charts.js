// Draws the charts of a page from their numbers, in the colours of the style sheet.
"use strict";
(() => {
  const places = [...document.querySelectorAll("[data-chart]")];
  if (!places.length) return;
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const drawn = [];

  const draw = (place, chart) => {
    const colours = [colour("--accent"), colour("--bad"), colour("--fair"), colour("--good")];
    const axis = { stroke: colour("--soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line") } };
    const stacked = chart.kind === "bars";
    const step = chart.at_s.length > 1 ? chart.at_s[1] - chart.at_s[0] : 3600;
    const bars = stacked ? { paths: uPlot.paths.bars({ size: [0.8, 60], align: 1 }), points: { show: false } } : { points: { show: chart.at_s.length < 40 } };
    // Bars stand on one another: each is drawn from the ground up to the sum, the tallest first.
    const order = chart.names.map((_, n) => n);
    if (stacked) order.reverse();
    const heights = order.map((n) => chart.at_s.map((_, k) => stacked ? chart.values.slice(0, n + 1).reduce((sum, each) => sum + each[k], 0) : chart.values[n][k]));
    const series = order.map((n) => ({
      label: chart.names[n], stroke: colours[n % 4], fill: stacked ? colours[n % 4] : undefined, width: stacked ? 0 : 1.5,
      value: (u, height, at, k) => k == null ? "–" : chart.values[n][k], ...bars,
    }));
    const scales = { y: { range: (u, least, most) => [0, most > 0 ? most * 1.08 : 1] } };
    if (stacked || chart.at_s.length === 1) scales.x = { range: [chart.at_s[0] - step, chart.at_s[chart.at_s.length - 1] + 2 * step] };
    place.replaceChildren();
    return new uPlot({
      width: place.clientWidth, height: 240, tzDate: (at) => uPlot.tzDate(new Date(at * 1000), "Etc/UTC"),
      fmtDate: (mask) => uPlot.fmtDate(mask.replace("{M}/{D}/{YY}", "{DD}.{MM}.{YY}").replace("{h}{aa}", "{HH}:00").replace("{h}:{mm}{aa}", "{HH}:{mm}").replace("{M}/{D}", "{DD}.{MM}")),
      series: [{ label: place.dataset.time, value: (u, at) => at == null ? "–" : new Date(at * 1000).toISOString().slice(0, 16).replace("T", " ") }, ...series],
      axes: [axis, { ...axis, size: 64 }], scales,
    }, [chart.at_s, ...heights], place);
  };

  fetch(places[0].dataset.numbers, { credentials: "same-origin" }).then((answer) => answer.json()).then((charts) => {
    const paint = () => {
      drawn.splice(0).forEach((each) => each.destroy());
      for (const place of places) drawn.push(draw(place, charts.find((chart) => chart.id === place.dataset.chart)));
    };
    paint();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
    let width = innerWidth;
    addEventListener("resize", () => { if (innerWidth !== width) { width = innerWidth; paint(); } });
  });
})();
