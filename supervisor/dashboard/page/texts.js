// What the page says, in the reader's language: every word is in texts.json.

const LANGUAGES = ["pt-BR", "en"];
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
