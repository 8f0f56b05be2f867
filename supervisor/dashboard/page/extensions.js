// Extensions: how each does and why, and for admins the table itself.

import { condominiums, getAll, getTagged, patch, post, remove } from "./api.js";
import { badge, button, confirmed, h, named, put, show, speak, told } from "./dom.js";
import { faults, field, onSubmit, showProblem, submit } from "./forms.js";
import { table } from "./lists.js";
import { follow } from "./stream.js";
import { t } from "./texts.js";

const FLOWS = ["doorman", "receptionist", "echo"];
const KINDS = { listening: "good", failed: "bad", parked: "bad", disabled: "off", new: "busy" };
const PARKED = / is parked: /;

const stateOf = (row) => (row.status === "failed" && PARKED.test(row.status_reason ?? "") ? "parked" : row.status);

export const extensionState = (row) => badge(KINDS[stateOf(row)], t(`status.${stateOf(row)}`));

export const extensionsView = (page) => {
  const admin = page.may("admin");
  const names = ["number", "condominium", "flow", "ports", "status", ...(admin ? ["actions"] : [])].map((each) => t(`column.${each}`));
  const rows = table(names, t("nav.extensions"));
  const said = h("p", { class: "answer", role: "status" });
  const element = h("div", { class: "extensions-page" },
    h("div", { class: "row" }, h("h1", {}, t("nav.extensions")), admin && button(t("extension.add"), () => edit(null), { class: "primary" })),
    said, rows.element);
  let places = new Map();

  const load = async () => {
    const items = await getAll("extensions");
    places = await condominiums();
    show(rows.body, items.length ? items.map(rowOf) : h("tr", {}, h("td", { colspan: names.length, class: "quiet" }, t("overview.no.extensions"))));
  };

  const rowOf = (row) => {
    const made = rows.row(
      h("strong", {}, row.number),
      places.get(row.condominium_id) ?? "–",
      t(`flow.${row.flow}`, {}, row.flow),
      h("span", { class: "solid" }, `${row.port} / ${row.return_port}`),
      [extensionState(row), row.isolated && [" ", badge("off", t("status.isolated"))], row.status_reason && h("span", { class: "reason" }, told(row.status_reason))],
      ...(admin ? [h("div", { class: "row" },
        button(t("extension.edit"), () => edit(row), { "aria-label": t("extension.edit.which", { number: row.number }) }),
        row.status === "failed" && button(t(stateOf(row) === "parked" ? "extension.release" : "extension.retry"), () => change(row, { enabled: true }, "extension.retried")),
        button(t(row.enabled ? "extension.disable" : "extension.enable"), () => toggle(row)))] : []));
    made.dataset.key = JSON.stringify(row);
    return made;
  };

  // Writing a row, if only what was there, has the supervisor try it again.
  const change = async (row, changes, done) => {
    try {
      await patch(`extensions/${row.id}`, changes, "*");
      said.className = "answer good";
      said.textContent = t(done, { number: row.number });
    } catch (problem) {
      if (problem.name !== "Problem") throw problem;
      said.className = "answer fault";
      show(said, told(problem.message));
    }
    await load();
  };

  const toggle = async (row) => {
    if (row.enabled && !await confirmed(t("extension.disable.sure", { number: row.number }), t("extension.disable"))) return;
    await change(row, { enabled: !row.enabled }, row.enabled ? "extension.disabled" : "extension.enabled");
  };

  const edit = async (row) => {
    places = await condominiums();
    const { value, etag } = row ? await getTagged(`extensions/${row.id}`) : { value: {}, etag: null };
    const form = formOf(value, places);
    const dialog = h("dialog", { class: "form", "aria-label": row ? t("extension.edit.which", { number: row.number }) : t("extension.add") }, form);
    put(form, faults(), h("div", { class: "row end" },
      row && button(t("extension.remove"), async () => {
        if (!await confirmed(t("extension.remove.sure", { number: row.number }), t("extension.remove"), "danger")) return;
        try {
          await remove(`extensions/${row.id}`, etag);
          dialog.close();
          await load();
        } catch (problem) {
          if (problem.name !== "Problem") throw problem;
          showProblem(form, problem);
        }
      }, { class: "danger" }),
      button(t("cancel"), () => dialog.close()),
      submit(t("save"))));
    onSubmit(form, async (values) => {
      const sent = { ...values, settings: settingsOf(values.settings), voice: values.voice ?? null };
      if (row) await patch(`extensions/${row.id}`, changesOf(sent, value), etag);
      else await post("extensions", sent);
      dialog.close();
      speak(t("saved"));
      await load();
    });
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  };

  // The stream says at once that there is something to load, and again when it has changed.
  const leave = follow({ changes: true, kind: "extension" }, {
    onEvent: (kind, { what }) => (kind === "changed" && what === "extensions" ? load() : null),
    onState: page.connection,
  });
  return { element, leave };
};

const flowsBeside = (flow) => [...new Set([...FLOWS, flow ?? "doorman"])]; // an installed agent's too

const formOf = (value, places) => h("form", { class: "editor", novalidate: true },
  h("h2", {}, value.id ? t("extension.edit.which", { number: value.number }) : t("extension.add")),
  h("div", { class: "fields" },
    field("number", t("column.number"), { value: value.number ?? "", inputmode: "tel" }),
    field("condominium_id", t("column.condominium"), { kind: "select", value: value.condominium_id, options: [...places.entries()] }),
    field("flow", t("column.flow"), { kind: "select", value: value.flow ?? "doorman", options: flowsBeside(value.flow).map((each) => [each, named("flow", each)]) }),
    field("language", t("field.language"), { value: value.language ?? "pt-BR" }),
    field("port", t("field.port"), { kind: "number", value: value.port ?? "", hint: t("field.port.hint") }),
    field("return_port", t("field.return_port"), { kind: "number", value: value.return_port ?? "", hint: t("field.return_port.hint") }),
    field("voice", t("field.voice"), { value: value.voice ?? "", hint: t("field.voice.hint") }),
    field("enabled", t("field.enabled"), { kind: "checkbox", value: value.enabled ?? true }),
    field("isolated", t("field.isolated"), { kind: "checkbox", value: value.isolated ?? false })),
  field("settings", t("field.settings"), { kind: "area", rows: 6, value: JSON.stringify(value.settings ?? {}, null, 2), hint: t("field.settings.hint") }));

const settingsOf = (text) => {
  try {
    return JSON.parse(text ?? "{}");
  } catch {
    throw Object.assign(new Error(t("field.settings.json")), { name: "Problem", errors: [{ where: "body.settings", detail: t("field.settings.json") }] });
  }
};

const changesOf = (sent, before) => Object.fromEntries(Object.entries(sent)
  .filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name])));
