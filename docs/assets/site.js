// What the theme leaves out for people who use a keyboard or a screen reader.
document.querySelector(".md-search")?.setAttribute("aria-label", "Search");
// A part of the navigation whose label is an icon has no name.
for (const nav of document.querySelectorAll(".md-nav .md-nav[aria-labelledby]")) {
  const title = nav.querySelector(":scope > .md-nav__title");
  nav.removeAttribute("aria-labelledby");
  nav.setAttribute("aria-label", `Pages of ${title.textContent.trim()}`);
}
// The theme wraps wide tables late; what scrolls must be reached by keyboard.
const reach = () => {
  for (const box of document.querySelectorAll(".md-typeset__scrollwrap, .md-typeset pre > code")) {
    box.tabIndex = 0;
  }
};
reach();
new MutationObserver(reach).observe(document.body, { childList: true, subtree: true });
