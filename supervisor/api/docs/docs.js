"use strict";
// Shows /api/openapi.json, and sends requests with the key that was typed in. No library needed.

const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

const resolve = (schema, all) => (schema.$ref ? all[schema.$ref.split("/").pop()] : schema);

const typeOf = (schema, all) => {
  if (schema.$ref) return typeOf(resolve(schema, all), all);
  if (schema.anyOf) return schema.anyOf.map((each) => typeOf(each, all)).join(" or ");
  if (schema.enum) return schema.enum.slice(0, 8).join(" | ") + (schema.enum.length > 8 ? " | …" : "");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.type === "array") return `list of ${typeOf(schema.items || {}, all)}`;
  return [schema.format || schema.type || "any", schema.default !== undefined && schema.default !== ""
    ? `(${JSON.stringify(schema.default)})` : ""].join(" ").trim();
};

const table = (rows) => make("table", {}, ...rows.map((cells) =>
  make("tr", {}, ...cells.map((cell) => make("td", {}, cell)))));

const fields = (schema, all) => {
  const { properties = {}, required = [] } = resolve(schema, all);
  return table(Object.entries(properties).map(([name, each]) => [
    make("code", { textContent: name }),
    `${typeOf(each, all)}${required.includes(name) ? ", required" : ""}`,
    each.description || "",
  ]));
};

const send = async (operation, path, method, inputs, body, shown) => {
  const query = new URLSearchParams();
  const headers = { Authorization: `Bearer ${document.getElementById("key").value}` };
  let target = path;
  for (const [parameter, input] of inputs) {
    if (!input.value) continue;
    if (parameter.in === "path") target = target.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
    if (parameter.in === "query") query.set(parameter.name, input.value);
    if (parameter.in === "header") headers[parameter.name] = input.value;
  }
  if (body && !body.form) headers["Content-Type"] = "application/json";
  shown.textContent = "…";
  try {
    const response = await fetch(`${target}${query.size ? `?${query}` : ""}`,
      { method: method.toUpperCase(), headers, body: body ? (body.form ? filled(body.form) : body.value) : undefined });
    const type = response.headers.get("Content-Type") || "";
    if (type.startsWith("audio/")) {
      const source = URL.createObjectURL(await response.blob());
      shown.replaceChildren(`${response.status}\n`, make("audio", { controls: true, src: source }));
      return;
    }
    if (type.includes("event-stream")) {
      await follow(response, shown);
      return;
    }
    const text = await response.text();
    const told = ["ETag", "Location", "RateLimit-Remaining"].filter((name) => response.headers.get(name))
      .map((name) => `${name}: ${response.headers.get(name)}\n`).join("");
    shown.textContent = `${response.status}\n${told}\n${type.includes("json") && text
      ? JSON.stringify(JSON.parse(text), null, 2) : text}`;
  } catch (error) {
    shown.textContent = String(error);
  }
};

const filled = (inputs) => {
  const form = new FormData();
  for (const [name, input] of inputs) {
    if (input.type === "file" ? input.files.length : input.value) form.set(name, input.files ? input.files[0] : input.value);
  }
  return form;
};

const formOf = (schema, all) => {
  const { properties, required = [] } = resolve(schema, all);
  const inputs = Object.entries(properties).map(([name, each]) =>
    [name, make("input", { type: each.format === "binary" ? "file" : "text" })]);
  const rows = inputs.map(([name, input]) => [
    make("code", { textContent: name }),
    `${typeOf(properties[name], all)}${required.includes(name) ? ", required" : ""}`,
    make("div", {}, properties[name].description || "", input),
  ]);
  return { form: inputs, shown: table(rows) };
};

const follow = async (response, shown) => {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  shown.textContent = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    shown.textContent = (shown.textContent + value).slice(-20000);
  }
};

const show = (path, method, operation, all) => {
  const content = operation.requestBody && operation.requestBody.content["application/json"];
  const parts = operation.requestBody && operation.requestBody.content["multipart/form-data"];
  const form = parts && formOf(parts.schema, all);
  const body = content ? make("textarea", { value: "{}" }) : form;
  const inputs = operation.parameters.map((parameter) => [parameter, make("input", { type: "text" })]);
  const shown = make("pre", { textContent: "" });
  const button = make("button", { textContent: "Send" });
  button.addEventListener("click", () => send(operation, path, method, inputs, body, shown));
  const good = Object.entries(operation.responses).find(([status]) => status < "400");
  const answer = good[1].content && good[1].content["application/json"];
  return make("details", {},
    make("summary", {}, make("span", { className: "method", textContent: method.toUpperCase() }),
      make("code", { textContent: path }), ` ${operation.summary}`),
    make("p", { textContent: operation.description }),
    table(inputs.map(([parameter, input]) => [
      make("code", { textContent: parameter.name }),
      `${parameter.in}, ${typeOf(parameter.schema, all)}`,
      make("div", {}, parameter.description || parameter.schema.description || "", input),
    ])),
    ...(content ? [make("h4", { textContent: "Body" }), fields(content.schema, all), body] : []),
    ...(form ? [make("h4", { textContent: "Form" }), form.shown] : []),
    ...(answer ? [make("h4", { textContent: `Answer ${good[0]}` }), fields(answer.schema, all)] : []),
    make("p", { textContent: `Errors: ${Object.entries(operation.responses)
      .filter(([status]) => status >= "400").map(([status, each]) => `${status} ${each.description}`).join(", ")}` }),
    button, shown);
};

fetch("/api/openapi.json").then((response) => response.json()).then((described) => {
  const all = described.components.schemas;
  const tags = new Map();
  for (const [path, methods] of Object.entries(described.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const tag = operation.tags[0];
      if (!tags.has(tag)) tags.set(tag, [make("h2", { textContent: tag })]);
      tags.get(tag).push(show(path, method, operation, all));
    }
  }
  document.getElementById("about").textContent = described.info.description;
  document.getElementById("operations").replaceChildren(...[...tags.values()].flat());
}).catch((error) => {
  document.getElementById("operations").textContent = `The description cannot be read: ${error}`;
});
