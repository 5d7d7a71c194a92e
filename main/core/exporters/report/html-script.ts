import { reportScript } from "./script.ts";

/**
 * What the page runs: the graph's script and the table's. A constant, so that the page can forbid every other script by its
 * hash: whoever changes it lets the test of this folder print the new one.
 */
export const htmlScript = `//<![CDATA[
${reportScript}
(function () {
  "use strict";
  var table = document.getElementById("functions");
  if (!table) return;
  var body = table.tBodies[0], rows = Array.prototype.slice.call(body.rows);
  var filter = document.getElementById("filter"), shown = document.getElementById("shown");
  var heads = Array.prototype.slice.call(table.tHead.rows[0].cells);
  function key(row, column) { return row.cells[column].getAttribute("data-value"); }
  function sort(head) {
    var column = heads.indexOf(head), isNumber = head.getAttribute("data-kind") === "number";
    var was = head.getAttribute("aria-sort");
    var down = was ? was !== "descending" : isNumber;
    heads.forEach(function (each) { each.removeAttribute("aria-sort"); });
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    rows.sort(function (a, b) {
      var left = key(a, column), right = key(b, column);
      var order = isNumber ? left - right : left < right ? -1 : left > right ? 1 : 0;
      return down ? -order : order;
    });
    rows.forEach(function (row) { body.appendChild(row); });
  }
  heads.forEach(function (head) {
    var button = head.querySelector("button");
    if (button) { button.disabled = false; button.addEventListener("click", function () { sort(head); }); }
  });
  function apply() {
    var expression = null;
    try { if (filter.value) expression = new RegExp(filter.value, "i"); }
    catch (error) { shown.textContent = "Not a regular expression"; return; }
    var count = 0;
    rows.forEach(function (row) {
      var hit = !expression || expression.test(key(row, 5)) || expression.test(key(row, 6));
      row.hidden = !hit;
      if (hit) count++;
    });
    shown.textContent = expression ? count + " of " + rows.length + " functions" : "";
  }
  filter.addEventListener("input", apply);
  document.getElementById("filtering").hidden = false;
})();
//]]>`;

/** SHA-256 of the script, as a content security policy takes it. */
export const htmlScriptHash = "sha256-vy5PlLk9T2iGXwNG7Axmw0KxCAsfp1m9VkUoV1seRR8=";
