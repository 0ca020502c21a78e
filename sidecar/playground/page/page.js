"use strict";
// The page writes with textContent and createElement only: what people write is never markup.
const $ = (id) => document.getElementById(id);
const API = "/playground/api";
const POLL = 700; // ms between two looks
let lang = localStorage.getItem("lang") || (navigator.language.startsWith("pt") ? "pt" : "en");
let shops = [], talk = null, version = "", last = null, lastLog = 0;
const t = (key, values = {}) => WORDS[lang][key].replace(/\{(\w+)\}/g, (_, name) => values[name]);

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

async function call(path, method = "GET", body) {
  const options = { method };
  if (body !== undefined) { options.headers = { "Content-Type": "application/json" }; options.body = JSON.stringify(body); }
  let answer;
  try { answer = await fetch(API + path, options); } catch { oops(t("lost")); throw new Error("offline"); }
  const data = await answer.json().catch(() => ({ success: false, error: { message: t("lost") } }));
  if (!data.success) { oops(data.error.message); throw new Error(data.error.code); }
  if ($("oops").dataset.kind === "lost") oops("");
  return data.data;
}

function oops(text) {
  $("oops").textContent = text;
  $("oops").hidden = !text;
  $("oops").dataset.kind = text === t("lost") ? "lost" : "";
  clearTimeout(oops.timer);
  if (text) oops.timer = setTimeout(() => oops(""), 6000);
}

// Bold, italic, code and links of Chatwoot's Markdown, built as nodes.
function rich(parent, text) {
  const marks = /\*\*([^*\n]+)\*\*|\*([^*\s][^*\n]*)\*|`([^`\n]+)`|(https?:\/\/[^\s<>"')\]]+)/g;
  let from = 0;
  for (const m of text.matchAll(marks)) {
    parent.append(text.slice(from, m.index));
    if (m[1]) parent.append(make("strong", "", m[1]));
    else if (m[2]) parent.append(make("em", "", m[2]));
    else if (m[3]) parent.append(make("code", "", m[3]));
    else { const a = make("a", "", m[4]); a.href = m[4]; a.rel = "noreferrer noopener"; a.target = "_blank"; parent.append(a); }
    from = m.index + m[0].length;
  }
  parent.append(text.slice(from));
}

const hour = (at) => new Date(at * 1000).toLocaleTimeString(lang === "pt" ? "pt-BR" : "en", { hour: "2-digit", minute: "2-digit" });

function bubble(message, view) {
  const mine = message.message_type === 0;
  const kind = message.message_type === 2 ? "activity" : message.private ? "note" : mine ? "in" : "out";
  const item = make("li", `bubble ${kind}`);
  item.dataset.id = message.id;
  if (view === "desk" && kind !== "activity") {
    const role = kind === "note" ? t("noteOf") : message.sender.type === "agent_bot" ? t("bot") : "";
    item.append(make("span", "who-said", [role, message.sender.name].filter((w, i, all) => w && all.indexOf(w) === i).join(" · ")));
  }
  const words = make("div", "words");
  rich(words, message.content || "");
  for (const file of message.attachments) words.append(make("span", "file", file.file_type));
  item.append(words);
  const given = message.content_attributes.submitted_values;
  if (message.content_type === "input_select") item.append(choices(message, view === "customer" && !given, given));
  if (kind !== "activity") {
    const foot = make("small", "foot", hour(message.created_at));
    if (kind === "out" && view === "desk") {
      const state = message.delivered_to_channel ? message.status : "undelivered";
      const tick = make("span", `tick ${state}`, state === "sent" ? "✓" : state === "delivered" || state === "read" ? "✓✓" : "!");
      tick.title = t(state);
      tick.setAttribute("aria-label", t(state));
      tick.setAttribute("role", "img");
      foot.append(" ", tick);
    }
    item.append(foot);
  }
  return item;
}

function choices(message, asked, given) {
  const list = make("div", "choices");
  for (const { title } of message.content_attributes.items || []) {
    const choice = make("button", given && given.some((v) => v.title === title) ? "chosen" : "", title);
    choice.disabled = !asked;
    choice.addEventListener("click", () => call(`/conversations/${talk}/messages/${message.id}`, "POST", { choose: title }).catch(() => {}));
    list.append(choice);
  }
  return list;
}

function fill(list, items) {
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
  list.replaceChildren(...items);
  if (atEnd || !list.dataset.filled) list.scrollTop = list.scrollHeight;
  list.dataset.filled = items.length ? "1" : "";
}

function show(state) {
  last = state;
  const seen = state.messages.filter((m) => !m.private && m.message_type !== 2 && (m.message_type === 0 || m.delivered_to_channel));
  const chat = seen.map((m) => bubble(m, "customer"));
  if (state.typing) {
    const dots = make("li", "bubble out typing");
    dots.setAttribute("aria-label", t("typing"));
    dots.append(make("i"), make("i"), make("i"));
    chat.push(dots);
  }
  fill($("chat"), chat.length ? chat : [make("li", "hint", t("start"))]);
  fill($("thread"), state.messages.length ? state.messages.map((m) => bubble(m, "desk")) : [make("li", "hint", t("empty"))]);
  $("shop-state").textContent = state.typing ? t("typing") : t("online");
  $("status").hidden = false;
  $("status").className = `status ${state.status}`;
  $("status").textContent = t("status_" + state.status);
  const facts = [`#${state.display_id}`, [state.contact.name, state.contact.phone].filter(Boolean).join(" "),
    state.assignee && t("assignee", { name: state.assignee }), state.team && t("team", { name: state.team }),
    state.labels.length && t("labels", { names: state.labels.join(", ") }), !state.can_reply && state.messages.length && t("windowShut")];
  $("facts").textContent = facts.filter(Boolean).join(" · ");
  for (const button of $("actions").children) button.disabled = false;
  document.querySelector("[data-action=hand_back]").disabled = state.status === "pending";
  document.querySelector("[data-action=resolve]").disabled = state.status === "resolved";
  document.querySelector("[data-action=take_over]").disabled = state.status === "open" && Boolean(state.assignee);
  for (const id of ["reply-words", "reply-send", "window"]) $(id).disabled = false;
  $("window").dataset.t = state.can_reply ? "close_window" : "open_window";
  $("window").textContent = t($("window").dataset.t);
}

async function look() {
  try {
    if (talk) {
      const asked = talk;
      const state = await call(`/conversations/${asked}?version=${encodeURIComponent(version)}`);
      if (asked === talk && !state.unchanged) {
        version = state.version;
        show(state);
        const news = state.messages.some((m) => m.message_type === 1 && !m.private && m.delivered_to_channel && m.status !== "read");
        if (news && !document.hidden) await call(`/conversations/${asked}/seen`, "POST", { read: true });
      }
    }
    if ($("log").parentElement.open) await lookAtLog();
    if ($("fail").parentElement.open) lookAtFailures(await call("/failures"));
  } catch { /* call() has told the person */ }
  setTimeout(look, POLL);
}

async function lookAtLog() {
  for (const line of await call(`/log?after=${lastLog}`)) {
    const bad = line.kind === "webhook" && !(line.status >= 200 && line.status < 300);
    const item = make("li", bad ? "bad" : "");
    item.append(make("time", "", new Date(line.at * 1000).toLocaleTimeString(lang === "pt" ? "pt-BR" : "en")), " ", line.text);
    if (line.status !== null) item.append(" ", make("b", "", line.status || "—"), ` ${Math.round(line.millis)} ms`);
    $("log").prepend(item);
    lastLog = line.id;
  }
}

function lookAtFailures(state) {
  const left = { posts: state.posts.count, dup: state.duplicates, reorder: state.reorder };
  $("armed").textContent = left.posts + left.dup + left.reorder ? t("armed", left) : t("calm");
}

const inbox = () => shops.flatMap((s) => s.inboxes.map((i) => ({ ...i, shop: s }))).find((i) => String(i.id) === $("inbox").value);

function chosen() {
  const now = inbox();
  if (!now) return;
  $("shop-name").textContent = now.shop.name;
  $("shop-avatar").textContent = now.shop.name.slice(0, 1);
  const phone = now.channel === "Channel::Whatsapp";
  $("phone-box").hidden = !phone;
  $("phone").required = phone;
  document.body.dataset.channel = phone ? "whatsapp" : "web";
  if (!now.bot) oops(t("nobot"));
}

function forget() {
  talk = null; version = ""; last = null;
  for (const id of ["reply-words", "reply-send", "window"]) $(id).disabled = true;
  for (const button of $("actions").children) button.disabled = true;
  $("status").hidden = true;
  $("facts").textContent = "";
  $("shop-state").textContent = t("nobody");
  fill($("chat"), [make("li", "hint", t("start"))]);
  fill($("thread"), [make("li", "hint", t("empty"))]);
}

async function open(fresh) {
  if (!$("who").reportValidity()) return;
  const now = inbox();
  const state = await call("/conversations", "POST", { inbox_id: now.id, name: $("name").value, phone: $("phone-box").hidden ? null : $("phone").value, new: fresh });
  localStorage.setItem("who", JSON.stringify({ name: $("name").value, phone: $("phone").value, inbox: $("inbox").value }));
  talk = `${state.account_id}/${state.display_id}`;
  version = "";
  show({ ...state, messages: [] });
  $("words").focus();
}

function speak() {
  document.documentElement.lang = lang === "pt" ? "pt-BR" : "en";
  for (const node of document.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const button of document.querySelectorAll("[data-lang]")) button.setAttribute("aria-pressed", String(button.dataset.lang === lang));
  $("words").placeholder = t("write");
  $("words").setAttribute("aria-label", t("write"));
  $("send").setAttribute("aria-label", t("sendLabel"));
  $("reply-words").placeholder = t("replyHint");
  $("reply-words").setAttribute("aria-label", t("replyHint"));
  if (last) show(last); else forget();
}

const on = (id, event, act) => $(id).addEventListener(event, (e) => { e.preventDefault(); Promise.resolve(act(e)).catch(() => {}); });
on("who", "submit", () => open(false));
on("fresh", "click", () => open(true));
$("inbox").addEventListener("change", () => { forget(); chosen(); });
on("say", "submit", async () => {
  const content = $("words").value.trim();
  if (!content) return;
  if (!talk) await open(false); // whoever just writes means the shop and the name that are shown
  if (!talk) return;
  $("words").value = "";
  try { await call(`/conversations/${talk}/messages`, "POST", { content }); } catch (error) { $("words").value = content; throw error; }
});
on("reply", "submit", async () => {
  const content = $("reply-words").value.trim();
  if (!content || !talk) return;
  await call(`/conversations/${talk}/messages`, "POST", { content, as: "agent", private: $("private").checked });
  $("reply-words").value = "";
});
for (const button of $("actions").children) button.addEventListener("click", () => call(`/conversations/${talk}/actions`, "POST", { action: button.dataset.action }).catch(() => {}));
on("window", "click", () => call(`/conversations/${talk}/actions`, "POST", { action: $("window").dataset.t }));
on("fail", "submit", async () => lookAtFailures(await call("/failures", "POST", {
  posts: { count: Number($("f-count").value), mode: $("f-mode").value, status: Number($("f-status").value) },
  duplicates: Number($("f-dup").value), reorder: Number($("f-reorder").value) })));
on("heal", "click", async () => lookAtFailures(await call("/failures", "DELETE")));
for (const button of document.querySelectorAll("[data-lang]")) button.addEventListener("click", () => { lang = button.dataset.lang; localStorage.setItem("lang", lang); speak(); });

async function begin() {
  speak();
  try { shops = await call("/shops"); } catch { setTimeout(begin, 2000); return; }
  const kept = JSON.parse(localStorage.getItem("who") || "{}");
  $("inbox").replaceChildren(...shops.flatMap((shop) => shop.inboxes.map((i) => {
    const option = make("option", "", `${shop.name} · ${i.name}`);
    option.value = i.id;
    return option;
  })));
  $("name").value = kept.name || t("guest");
  $("phone").value = kept.phone || "+5511987650001";
  if (kept.inbox && [...$("inbox").options].some((o) => o.value === kept.inbox)) $("inbox").value = kept.inbox;
  chosen();
  look();
}
begin();
