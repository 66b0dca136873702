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
    const bars = chart.kind === "bars" ? { paths: uPlot.paths.bars({ size: [0.8, 40], align: 1 }), points: { show: false } } : { points: { show: chart.at_s.length < 40 } };
    const series = chart.names.map((label, n) => ({ label, stroke: colours[n % 4], fill: chart.kind === "bars" ? colours[n % 4] + "99" : undefined, width: 1.5, ...bars }));
    const scales = { y: { range: (u, least, most) => [0, most > 0 ? most * 1.08 : 1] } };
    // One bar alone has no width on an axis of time: give it an hour on either side.
    if (chart.at_s.length === 1) scales.x = { range: [chart.at_s[0] - 3600, chart.at_s[0] + 7200] };
    place.replaceChildren();
    return new uPlot({
      width: place.clientWidth, height: 240, tzDate: (at) => uPlot.tzDate(new Date(at * 1000), "Etc/UTC"),
      fmtDate: (mask) => uPlot.fmtDate(mask.replace("{h}{aa}", "{HH}:00").replace("{h}:{mm}{aa}", "{HH}:{mm}").replace("{M}/{D}", "{DD}.{MM}")),
      series: [{ value: (u, at) => at == null ? "–" : new Date(at * 1000).toISOString().slice(0, 16).replace("T", " ") }, ...series],
      axes: [axis, { ...axis, size: 64 }], scales,
    }, [chart.at_s, ...chart.values], place);
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
