"use strict";
// Draws the figures of the JSON beside it, and again when another axis is chosen. All names in it are escaped.
const data = JSON.parse(document.getElementById("data").textContent);
const narrow = window.innerWidth < 640;
const axisTitles = { step: "training steps", tokens: "sampled tokens", samples: "samples", seconds: "seconds of training" };

function points(line, axis) {
  const kept = line.x[axis].map((x, place) => (x === null ? -1 : place)).filter((place) => place >= 0);
  return (values) => kept.map((place) => values[place]);
}

function traces(figure, axis) {
  const drawn = [];
  const form = figure.unit === "share" ? ".1%" : ".4~g";
  for (const line of figure.lines) {
    const pick = points(line, axis);
    const x = pick(line.x[axis]);
    const colour = data.colours[line.arm];
    const band = line.low.length > 0;
    if (band) {
      const edge = { x, mode: "lines", line: { width: 0 }, hoverinfo: "skip", showlegend: false, legendgroup: line.arm };
      drawn.push({ ...edge, y: pick(line.high) });
      drawn.push({ ...edge, y: pick(line.low), fill: "tonexty", fillcolor: colour + "26" });
    }
    drawn.push({
      x, y: pick(line.y), name: line.name, legendgroup: line.arm, showlegend: !line.faint,
      mode: line.faint || x.length > 40 ? "lines" : "lines+markers",
      line: { color: colour, width: line.faint ? 1 : 2 }, opacity: line.faint ? 0.45 : 1, marker: { size: 6 },
      customdata: band ? pick(line.low).map((low, place) => [low, pick(line.high)[place]]) : undefined,
      hovertemplate: `%{y:${form}}` + (band ? ` [%{customdata[0]:${form}}, %{customdata[1]:${form}}]` : ""),
    });
  }
  return drawn;
}

function layout(figure, axis) {
  return {
    margin: { l: 52, r: 10, t: 8, b: 40 }, hovermode: "x unified", dragmode: narrow ? false : "zoom",
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: "system-ui, sans-serif", size: 12, color: "#334155" },
    hoverlabel: { namelength: narrow ? 16 : 40 },
    legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", font: { size: 11 } },
    xaxis: { title: { text: axisTitles[axis] }, gridcolor: "#f1f5f9", zeroline: false, fixedrange: narrow },
    yaxis: {
      title: { text: figure.unit === "share" ? "" : figure.unit }, gridcolor: "#e2e8f0", zeroline: false,
      fixedrange: narrow, tickformat: figure.unit === "share" ? ".2~%" : "", automargin: true,
    },
  };
}

function draw(axis) {
  data.figures.forEach((figure, place) => {
    const target = document.getElementById(`plot-${place}`);
    Plotly.react(target, traces(figure, axis), layout(figure, axis), { responsive: true, displayModeBar: false });
  });
  for (const button of document.querySelectorAll(".axes button")) {
    button.setAttribute("aria-pressed", String(button.dataset.axis === axis));
  }
  document.documentElement.dataset.drawn = `${data.figures.length} by ${axis}`;
}

for (const button of document.querySelectorAll(".axes button")) {
  button.addEventListener("click", () => draw(button.dataset.axis));
}
draw("step");
