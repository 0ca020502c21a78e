"use strict";
// The page writes with textContent and createElement only: what a tool tells is never markup.
const WORDS = {
  en: {
    tools: "Tools", conversations: "Conversations", shop: "Shop", phone: "Customer's phone (empty: the shop itself)", choose: "Choose a tool",
    arguments: "Arguments (JSON)", call: "Call", confirm: "Confirm", person: "As {name}, proven by the number", stranger: "Nobody has this number: personal tools ask to identify first.",
    own: "As the shop's own people.", writes: "writes", personal: "personal", reads: "reads", notJson: "The arguments are no JSON.", took: "{ms} ms",
    none: "No demo shop is enrolled yet: make up does it.", required: "needed: {names}", lost: "The playground does not answer. Is it running?",
    products: "Products", stock: "Stock", prices: "Prices", customers: "Customers", sales: "Sales", payments: "Payments", calendar: "Calendar",
    rules: "Rules", company: "Company", records: "Records", content: "Content"
  },
  pt: {
    tools: "Ferramentas", conversations: "Conversas", shop: "Loja", phone: "Telefone do cliente (vazio: a própria loja)", choose: "Escolha uma ferramenta",
    arguments: "Argumentos (JSON)", call: "Chamar", confirm: "Confirmar", person: "Como {name}, comprovado pelo número", stranger: "Ninguém tem este número: as ferramentas pessoais pedem identificação.",
    own: "Como a equipe da loja.", writes: "grava", personal: "pessoal", reads: "lê", notJson: "Os argumentos não são um JSON.", took: "{ms} ms",
    none: "Nenhuma loja de demonstração está conectada: make up faz isso.", required: "obrigatórios: {names}", lost: "A área de testes não responde. Ela está no ar?",
    products: "Produtos", stock: "Estoque", prices: "Preços", customers: "Clientes", sales: "Vendas", payments: "Pagamentos", calendar: "Agenda",
    rules: "Regras", company: "Empresa", records: "Registros", content: "Conteúdo"
  }
};
const $ = (id) => document.getElementById(id);
const API = "/playground/api/tools";
let lang = localStorage.getItem("lang") || (navigator.language.startsWith("pt") ? "pt" : "en");
let known = { person: "", tools: [] }, chosen = null, waits = null;
const t = (key, values = {}) => WORDS[lang][key].replace(/\{(\w+)\}/g, (_, name) => values[name]);

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function oops(text) {
  $("oops").textContent = text;
  $("oops").hidden = !text;
  clearTimeout(oops.timer);
  if (text) oops.timer = setTimeout(() => oops(""), 6000);
}

async function ask(path, body) {
  const options = body === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  let answer;
  try { answer = await fetch(API + path, options); } catch { oops(t("lost")); throw new Error("offline"); }
  const data = await answer.json().catch(() => ({ success: false, error: { message: t("lost") } }));
  if (!data.success) { oops(data.error.message); throw new Error(data.error.code); }
  return data.data;
}

const whose = () => ({ account_id: $("tenant").value, phone: $("phone").value.trim() });

async function list() {
  if (!$("tenant").value || !$("whose").reportValidity()) return;
  known = await ask("/list", whose());
  if (chosen) chosen = known.tools.find((tool) => tool.name === chosen.name) || null;
  draw();
}

function draw() {
  $("person").textContent = !$("phone").value.trim() ? t("own") : known.person ? t("person", { name: known.person }) : t("stranger");
  const families = [];
  for (const family of new Set(known.tools.map((tool) => tool.family))) {
    families.push(make("h2", "", t(family)));
    for (const tool of known.tools.filter((one) => one.family === family)) {
      const button = make("button", "", tool.name);
      button.type = "button";
      button.setAttribute("aria-pressed", String(chosen !== null && chosen.name === tool.name));
      button.append(make("small", "", [tool.writes ? t("writes") : "", tool.personal ? t("personal") : ""].filter(Boolean).join(" · ")));
      button.addEventListener("click", () => choose(tool));
      families.push(button);
    }
  }
  $("families").replaceChildren(...families);
  $("ask").hidden = $("kind").hidden = chosen === null;
  if (!chosen) { $("tool-name").textContent = t("choose"); $("text").textContent = ""; $("answer").hidden = true; return; }
  $("tool-name").textContent = chosen.name;
  $("text").textContent = chosen.description;
  $("kind").textContent = chosen.writes ? t("writes") : t("reads");
  $("kind").className = `status ${chosen.writes ? "open" : "pending"}`;
  const names = chosen.schema.required || [];
  $("fields").textContent = names.length ? t("required", { names: names.join(", ") }) : "";
}

// What a person fills in: the arguments without which the tool cannot be called.
function skeleton(schema) {
  const told = {};
  for (const [name, field] of Object.entries(schema.properties || {})) {
    if (name === "confirmation") continue;
    if ((schema.required || []).includes(name)) told[name] = sample(field, schema);
  }
  return told;
}

function sample(field, schema) {
  if (field.$ref) return skeletonOf(field.$ref, schema);
  if (field.enum) return field.enum[0];
  if (field.type === "array") return [sample(field.items || {}, schema)];
  if (field.type === "integer" || field.type === "number") return 1;
  if (field.type === "object") return {};
  return "";
}

function skeletonOf(reference, schema) {
  const part = (schema.$defs || {})[reference.split("/").pop()] || {};
  return skeleton({ ...part, $defs: schema.$defs });
}

function choose(tool) {
  chosen = tool;
  forget();
  $("arguments").value = JSON.stringify(skeleton(tool.schema), null, 2);
  $("answer").hidden = true;
  $("took").textContent = "";
  draw();
  $("arguments").focus();
}

function forget() {
  waits = null;
  $("confirm").hidden = true;
}

async function call(confirmation) {
  let given;
  try { given = JSON.parse($("arguments").value || "{}"); } catch { oops(t("notJson")); return; }
  if (confirmation) given.confirmation = confirmation;
  forget();
  $("call").disabled = true;
  try {
    const told = await ask("/call", { ...whose(), tool: chosen.name, arguments: given });
    $("answer").textContent = JSON.stringify(told.answer, null, 2);
    $("answer").className = told.answer.error ? "answer bad" : "answer";
    $("answer").hidden = false;
    $("took").textContent = t("took", { ms: told.took_ms });
    waits = told.answer.confirmation || null;
    $("confirm").hidden = !waits;
  } finally {
    $("call").disabled = false;
  }
}

function speak() {
  document.documentElement.lang = lang === "pt" ? "pt-BR" : "en";
  for (const node of document.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const button of document.querySelectorAll("[data-lang]")) button.setAttribute("aria-pressed", String(button.dataset.lang === lang));
  draw();
}

const on = (id, event, act) => $(id).addEventListener(event, (e) => { e.preventDefault(); Promise.resolve(act(e)).catch(() => {}); });
on("whose", "submit", list);
on("tenant", "change", list);
on("phone", "change", list);
on("ask", "submit", () => call(null));
on("confirm", "click", () => call(waits));
on("arguments", "input", forget);
for (const button of document.querySelectorAll("[data-lang]")) {
  button.addEventListener("click", () => { lang = button.dataset.lang; localStorage.setItem("lang", lang); speak(); });
}

async function begin() {
  speak();
  const tenants = await ask("/tenants");
  $("tenant").replaceChildren(...tenants.map((one) => {
    const option = make("option", "", one.name);
    option.value = one.account_id;
    return option;
  }));
  if (tenants.length) await list(); else oops(t("none"));
}
begin().catch(() => {});
