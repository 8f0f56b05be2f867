// What the page says, in the reader's language: every word is in texts.json.

// By their own names; texts.json has them in this order.
export const LANGUAGE_NAMES = { "pt-BR": "Português", en: "English", es: "Español" };
const LANGUAGES = Object.keys(LANGUAGE_NAMES);
const KEPT = "ramal.language";
let texts = {};
let chosen = "pt-BR";

export const loadTexts = async () => {
  const kept = localStorage.getItem(KEPT);
  chosen = LANGUAGES.includes(kept) ? kept : "pt-BR";
  document.documentElement.lang = chosen;
  const response = await fetch("/dashboard/texts.json", { credentials: "same-origin" });
  texts = await response.json();
};

export const language = () => chosen;

export const chooseLanguage = (wanted) => {
  chosen = wanted;
  localStorage.setItem(KEPT, wanted);
  document.documentElement.lang = wanted;
};

// t("calls.left", { count: 3 }): "{count}" in the text becomes 3. Without the text, `otherwise`.
export const t = (key, values = {}, otherwise = key) => {
  const text = texts[key]?.[LANGUAGES.indexOf(chosen)] ?? otherwise;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
};
