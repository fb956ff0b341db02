/* Light, dark, or as the system has it; the choice is kept where the browser allows it. */

const SCHEMES = ["system", "light", "dark"];
const SCHEME_WORDS = { system: "as the system has them", light: "light", dark: "dark" };

function storedScheme() {
  try {
    const found = localStorage.getItem("tombench-colours");
    return SCHEMES.includes(found) ? found : "system";
  } catch {
    return "system"; // a file opened from disk may have no storage
  }
}

function useScheme(scheme) {
  document.documentElement.dataset.theme = scheme;
  const button = document.getElementById("theme");
  button.setAttribute("aria-label", `Colours: ${SCHEME_WORDS[scheme]}`);
  button.title = `Colours: ${SCHEME_WORDS[scheme]}`;
  try {
    localStorage.setItem("tombench-colours", scheme);
  } catch {
    return;
  }
}

useScheme(storedScheme());
document.getElementById("theme").addEventListener("click", () => {
  const now = SCHEMES.indexOf(document.documentElement.dataset.theme);
  useScheme(SCHEMES[(now + 1) % SCHEMES.length]);
});
