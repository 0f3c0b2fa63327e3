/* Sorts and filters the tables of a class page. Without it they stand there whole. */
"use strict";

{  // its names are its own: pages load other scripts as well

const RANK = { f: 0, i: 1, b: 2, y: 3, n: 4, p: 5, e: 6 };  // what is worst comes first
const words = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

function keyOf(kind, cell) {
  if (kind === "verdict") return RANK[cell.classList[0]];
  const told = cell.dataset.order ?? cell.textContent;
  return kind === "number" ? (told === "" ? -Infinity : parseFloat(told)) : told;
}

function sort(table, head, place) {
  const kind = head.dataset.sort, body = table.tBodies[0];
  const first = kind === "number" ? "descending" : "ascending";
  const other = first === "ascending" ? "descending" : "ascending";
  const way = head.getAttribute("aria-sort") === first ? other : first;
  const sign = way === "ascending" ? 1 : -1;
  const keyed = [...body.rows].map((row) => [keyOf(kind, row.cells[place]), row]);
  keyed.sort(([a], [b]) => sign * (kind === "text" ? words.compare(a, b) : a < b ? -1 : a > b ? 1 : 0));
  for (const each of head.parentElement.querySelectorAll("[aria-sort]")) {
    each.removeAttribute("aria-sort");
    each.querySelector(".sort").textContent = "↕";
  }
  head.setAttribute("aria-sort", way);
  head.querySelector(".sort").textContent = way === "ascending" ? "↑" : "↓";
  body.append(...keyed.map(([, row]) => row));
}

for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows].at(-1).cells;
  [...heads].forEach((head, place) => {
    if (!head.dataset.sort) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.textContent = "↕";
    button.setAttribute("aria-label", `Sort by ${head.dataset.id ?? head.textContent.trim()}`);
    button.addEventListener("click", () => sort(table, head, place));
    head.append(button);
  });
}

const BEFORE = 3;  // columns: student, points, level
const matrix = document.getElementById("matrix");
const rows = [...matrix.tBodies[0].rows];
const [search, group, level, missed, look] = ["search", "group", "level", "missed", "look"].map((id) =>
  document.getElementById(id));
const told = new Map(rows.map((row) => [row, `${row.cells[0].textContent} ${row.dataset.told}`.toLowerCase()]));

function filter() {
  const wanted = search.value.trim().toLowerCase();
  let shown = 0;
  for (const row of rows) {
    const cell = missed.value === "" ? null : row.cells[BEFORE + Number(missed.value)];
    row.hidden = !told.get(row).includes(wanted)
      || (level.value !== "" && row.cells[2].textContent !== level.value)
      || (cell !== null && "pne".includes(cell.classList[0]))
      || (look.checked && !row.classList.contains("look"));
    shown += row.hidden ? 0 : 1;
  }
  matrix.className = group.value === "" ? "sortable" : `sortable only-${group.value}`;
  document.getElementById("shown").textContent = `${shown} of ${rows.length} students`;
}

const form = document.getElementById("filters");
form.hidden = false;
form.addEventListener("input", filter);
form.addEventListener("submit", (event) => event.preventDefault());
filter();

/* A verdict leads to where the student's page explains it; the student's link does the same by keyboard. */
function seen(event) {
  const cell = event.target.closest("tbody td[aria-label]");
  if (cell === null) return null;
  const id = matrix.tHead.rows[1].cells[cell.cellIndex].dataset.id;
  return { cell, id, link: cell.parentElement.querySelector("a") };
}
matrix.parentElement.classList.add("linked");
matrix.addEventListener("mouseover", (event) => {
  const at = seen(event);
  if (at !== null && !at.cell.title) at.cell.title = `${at.link.textContent}: ${at.id}, ${at.cell.getAttribute("aria-label")}`;
});
matrix.addEventListener("click", (event) => {
  const at = seen(event);
  if (at !== null && "fyi".includes(at.cell.classList[0])) location.assign(`${at.link.getAttribute("href")}#${at.id}`);
});

}
