/**
 * The report's own script. It is a constant: nothing of a profile is ever put into it. It reads the drawn frames'
 * data attributes, and writes text content and attributes only. Old syntax on purpose: it runs wherever an SVG does.
 */
export const reportScript = `
(function () {
  "use strict";
  var svg = document.documentElement;
  var graph = document.getElementById("graph");
  if (!graph) return;
  var frames = Array.prototype.slice.call(graph.querySelectorAll(".frame"));
  var details = document.getElementById("details");
  var matched = document.getElementById("matched");
  var reset = document.getElementById("reset");
  var clear = document.getElementById("clear");
  var left = +graph.getAttribute("data-left"), width = +graph.getAttribute("data-width");
  var rowHeight = +graph.getAttribute("data-row"), letter = +graph.getAttribute("data-letter");
  var idle = details.textContent, zoomed = null, current = frames[0] || null;
  function read(frame, name) { return +frame.getAttribute("data-" + name); }
  function label(frame) { return frame.querySelector("title").textContent; }
  function shorten(text, most) {
    if (most < 3) return "";
    return text.length <= most ? text : text.slice(0, most - 1) + "\\u2026";
  }
  function place(frame, x, w) {
    var rect = frame.querySelector("rect"), text = frame.querySelector("text");
    frame.style.display = w < 0.3 ? "none" : "";
    rect.setAttribute("x", x);
    rect.setAttribute("width", Math.max(0, w - 0.5));
    text.setAttribute("x", x + 3);
    text.textContent = shorten(frame.getAttribute("data-name"), Math.floor((w - 6) / letter));
  }
  function zoom(target) {
    zoomed = target;
    var from = target ? read(target, "x") : 0, span = target ? read(target, "w") : 1;
    var depth = target ? read(target, "depth") : -1;
    frames.forEach(function (frame) {
      var x = read(frame, "x"), w = read(frame, "w");
      var above = target && read(frame, "depth") < depth && x <= from + 1e-9 && x + w >= from + span - 1e-9;
      frame.classList.toggle("above", !!above);
      if (above) return place(frame, left, width);
      if (target && (x + w <= from + 1e-9 || x >= from + span - 1e-9 || read(frame, "depth") < depth)) {
        frame.style.display = "none";
        return undefined;
      }
      return place(frame, left + ((x - from) / span) * width, (w / span) * width);
    });
    reset.style.display = target ? "" : "none";
    say(target || null);
  }
  function say(frame) { details.textContent = frame ? label(frame) : idle; }
  function focus(frame) {
    if (!frame || frame.style.display === "none") return;
    if (current) current.setAttribute("tabindex", "-1");
    current = frame;
    frame.setAttribute("tabindex", "0");
    frame.focus();
  }
  function parentOf(frame) { return frames[read(frame, "parent")] || null; }
  function step(frame, by) {
    var depth = read(frame, "depth"), at = frames.indexOf(frame) + by;
    for (; at >= 0 && at < frames.length; at += by)
      if (read(frames[at], "depth") === depth && frames[at].style.display !== "none") return frames[at];
    return null;
  }
  function childOf(frame) {
    var index = frames.indexOf(frame);
    for (var at = index + 1; at < frames.length; at++)
      if (read(frames[at], "parent") === index && frames[at].style.display !== "none") return frames[at];
    return null;
  }
  function search(pattern) {
    var expression = null;
    if (pattern) {
      try { expression = new RegExp(pattern, "i"); }
      catch (error) { matched.textContent = "Not a regular expression: " + pattern; return; }
    }
    var hit = frames.map(function (frame) { return !!expression && expression.test(frame.getAttribute("data-name")); });
    var spans = [];
    frames.forEach(function (frame, i) {
      frame.classList.toggle("match", hit[i]);
      if (hit[i]) spans.push([read(frame, "x"), read(frame, "x") + read(frame, "w")]);
    });
    spans.sort(function (a, b) { return a[0] - b[0] || b[1] - a[1]; });
    var covered = 0, end = 0;
    spans.forEach(function (span) {
      if (span[1] > end) { covered += span[1] - Math.max(span[0], end); end = span[1]; }
    });
    clear.style.display = expression ? "" : "none";
    matched.textContent = expression
      ? "/" + pattern + "/ matches " + (100 * covered).toFixed(1) + " % in " + spans.length + " frames" : "";
  }
  function ask() {
    var pattern = window.prompt("Search function names (regular expression)", "");
    if (pattern !== null) search(pattern);
  }
  function frameOf(event) {
    var at = event.target;
    while (at && at !== svg && !(at.classList && at.classList.contains("frame"))) at = at.parentNode;
    return at && at !== svg && at.classList ? at : null;
  }
  graph.addEventListener("click", function (event) { var frame = frameOf(event); if (frame) zoom(frame === zoomed ? null : frame); });
  graph.addEventListener("mouseover", function (event) { var frame = frameOf(event); if (frame) say(frame); });
  graph.addEventListener("mouseleave", function () { say(zoomed); });
  graph.addEventListener("focusin", function (event) { var frame = frameOf(event); if (frame) say(frame); });
  reset.addEventListener("click", function () { zoom(null); });
  clear.addEventListener("click", function () { search(""); });
  document.getElementById("search").addEventListener("click", ask);
  svg.addEventListener("keydown", function (event) {
    var key = event.key, frame = frameOf(event);
    if ((key === "f" && (event.ctrlKey || event.metaKey)) || key === "/") { event.preventDefault(); ask(); return; }
    if (key === "Escape") { zoom(null); search(""); return; }
    if ((key === "Enter" || key === " ") && event.target.getAttribute && event.target.getAttribute("role") === "button") {
      event.preventDefault();
      event.target.dispatchEvent(new MouseEvent("click", { bubbles: true }));
      return;
    }
    if (!frame) return;
    var next = key === "ArrowUp" ? parentOf(frame) : key === "ArrowDown" ? childOf(frame)
      : key === "ArrowLeft" ? step(frame, -1) : key === "ArrowRight" ? step(frame, 1) : undefined;
    if (next !== undefined) { event.preventDefault(); focus(next); }
    else if (key === "Enter" || key === " ") { event.preventDefault(); zoom(frame === zoomed ? null : frame); }
  });
  Array.prototype.forEach.call(document.querySelectorAll(".controls"), function (each) { each.style.display = ""; });
  reset.style.display = "none";
  clear.style.display = "none";
})();
`;
