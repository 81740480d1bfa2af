// The live view: asks for the next frame, shows it, and asks again.
"use strict";

const RETRY = 1000; // ms until a lost connection is tried again
const LINES_PER_LENGTH = 110; // a line is as thick as a person's longer side by this

const $ = (id) => document.getElementById(id);

// An answer is the length of the JSON (4 bytes), the JSON, and a JPEG if there is a new frame.
function split(body) {
  const length = new DataView(body).getUint32(0);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(body, 4, length)));
  return [head, new Blob([new Uint8Array(body, 4 + length)], { type: "image/jpeg" })];
}

async function follow() {
  let frame = 0;
  let status = 0;
  let minScore = 0.5;
  for (;;) {
    await visible();
    try {
      const reply = await fetch(`next?frame=${frame}&status=${status}`, { cache: "no-store" });
      if (!reply.ok) throw new Error((await reply.text()).trim());
      const [head, jpeg] = split(await reply.arrayBuffer());
      if (head.about) {
        minScore = head.about.minScore;
        showStatus(head.about);
      }
      if (head.people) await showFrame(head, jpeg, minScore);
      ({ frame, status } = head);
    } catch (error) {
      state("error", "no connection");
      message(String(error.message || error));
      frame = status = 0; // another server begins to count anew
      await new Promise((done) => setTimeout(done, RETRY));
    }
  }
}

// A page in the background asks for nothing.
function visible() {
  if (!document.hidden) return Promise.resolve();
  return new Promise((done) => {
    document.addEventListener("visibilitychange", () => done(), { once: true });
  });
}

async function showFrame(head, jpeg, minScore) {
  const bitmap = await createImageBitmap(jpeg);
  const canvas = $("image");
  if (canvas.width !== bitmap.width || canvas.height !== bitmap.height) {
    canvas.width = bitmap.width;
    canvas.height = bitmap.height;
  }
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  bitmap.close();
  drawSkeletons(head, minScore);
  listPeople(head.people);
  $("stage").style.setProperty("--shape", head.width / head.height);
  $("stage").dataset.frame = head.frame;
  $("empty").hidden = true;
}

function drawSkeletons(head, minScore) {
  const { width, height, skeleton } = head;
  const svg = $("skeletons");
  // (0, 0) is the centre of the top-left pixel.
  svg.setAttribute("viewBox", `-0.5 -0.5 ${width} ${height}`);
  svg.replaceChildren(
    ...head.people.map((person) => drawPerson(person, skeleton, minScore, width, height)),
  );
}

function drawPerson(person, skeleton, minScore, width, height) {
  const { joints, colour } = person;
  const seen = joints.map(([x, y, score]) => x !== null && y !== null && score >= minScore);
  const shown = joints.filter((_, index) => seen[index]);
  const [xs, ys] = [0, 1].map((axis) => shown.map((joint) => joint[axis]));
  const length = Math.min(
    Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys), 1),
    Math.max(width, height),
  );
  const thick = Math.max(length / LINES_PER_LENGTH, Math.max(width, height) / 400);
  const group = element("g", { class: "person", "data-id": person.id });
  for (const [a, b, side] of skeleton.edges) {
    if (!seen[a] || !seen[b]) continue;
    const [[x1, y1], [x2, y2]] = [joints[a], joints[b]];
    const stroke = side || colour;
    group.append(element("line", { x1, y1, x2, y2, stroke, "stroke-width": thick }));
  }
  skeleton.joints.forEach(([name, side], index) => {
    if (!seen[index]) return;
    const [cx, cy] = joints[index];
    const circle = element("circle", { cx, cy, r: 1.4 * thick, fill: side || colour });
    circle.setAttribute("stroke-width", thick / 3);
    circle.append(element("title", {}, name.replace("_", " ")));
    group.append(circle);
  });
  if (shown.length) {
    const size = Math.min(Math.max(length / 24, width / 55), width / 28);
    const top = Math.max(Math.min(...ys) - length * 0.22, size);
    const x = (Math.min(...xs) + Math.max(...xs)) / 2;
    const label = element("text", { x, y: top, "font-size": size, fill: colour }, name(person));
    group.append(label);
  }
  return group;
}

function element(name, attributes, text = "") {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}

function name(person) {
  return person.id >= 0 ? `person ${person.id}` : "person";
}

function listPeople(people) {
  const rows = people.map((person) => {
    const row = document.createElement("li");
    const dot = document.createElement("span");
    const score = document.createElement("span");
    dot.className = "dot";
    dot.style.backgroundColor = person.colour;
    score.className = "score";
    score.textContent = person.score === null ? "–" : person.score.toFixed(2);
    row.append(dot, name(person), score);
    return row;
  });
  if (!rows.length) {
    const nobody = document.createElement("li");
    nobody.className = "nobody";
    nobody.textContent = "nobody";
    rows.push(nobody);
  }
  $("people").replaceChildren(...rows);
}

function showStatus(about) {
  document.title = about.title ? `${about.title} – mobilepose` : "mobilepose";
  $("title").textContent = about.title;
  state(about.level, { ok: "live", warn: "attention", error: "trouble" }[about.level]);
  message(about.message);
  for (const rate of ["received", "processed", "latency"]) {
    $(rate).textContent = about[rate] === null ? "–" : about[rate].toFixed(1);
  }
  table("details", about.details);
  table("parameters", about.parameters);
}

function state(level, text) {
  $("state").dataset.level = level;
  $("state").textContent = text;
}

function message(text) {
  $("message").textContent = text;
  $("message").hidden = !text;
}

function table(id, rows) {
  $(id).hidden = !rows.length;
  $(id).querySelector("table").replaceChildren(
    ...rows.map((cells) => {
      const row = document.createElement("tr");
      for (const text of cells) row.insertCell().textContent = text || "–";
      return row;
    }),
  );
}

follow();
