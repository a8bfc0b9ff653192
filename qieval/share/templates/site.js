/* The one script of a site: filters a list, copies a finding as text. Pages say all without it. */
(function () {
  "use strict";
  var form = document.querySelector("form.qi-filter");
  if (form) {
    var items = Array.prototype.slice.call(document.querySelectorAll("[data-find]"));
    var groups = Array.prototype.slice.call(document.querySelectorAll("[data-group]"));
    var count = form.querySelector("output");
    var plain = function (text) { return text.toLowerCase().replace(/\s+/g, " ").trim(); };
    var words = items.map(function (item) {
      var group = item.closest("[data-group]");
      return plain(group.querySelector("header").textContent + " " + item.textContent);
    });
    var narrow = function () {
      var wanted = plain(form.elements.words.value).split(" ");
      var shown = 0;
      items.forEach(function (item, at) {
        var fits = wanted.every(function (word) { return words[at].indexOf(word) >= 0; });
        ["network", "state", "kind"].forEach(function (name) {
          var choice = form.elements[name] ? form.elements[name].value : "";
          if (choice && item.getAttribute("data-" + name) !== choice) { fits = false; }
        });
        item.hidden = !fits;
        if (fits) { shown += 1; }
      });
      groups.forEach(function (group) {
        group.hidden = !group.querySelector("[data-find]:not([hidden])");
      });
      count.textContent = shown + " of " + items.length + " shown";
    };
    form.hidden = false;
    form.addEventListener("input", narrow);
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    form.addEventListener("reset", function () { setTimeout(narrow, 0); });
    narrow();
  }
  Array.prototype.forEach.call(document.querySelectorAll("button.qi-copy"), function (button) {
    var text = document.getElementById(button.getAttribute("data-copies"));
    var told = button.nextElementSibling;
    var done = function () { told.textContent = "Copied."; };
    var select = function () {
      var range = document.createRange();
      range.selectNodeContents(text);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      if (document.execCommand("copy")) { done(); } else { told.textContent = "Selected: copy it."; }
    };
    button.hidden = false;
    button.addEventListener("click", function () {
      if (navigator.clipboard) {
        navigator.clipboard.writeText(text.textContent).then(done, select);
      } else { select(); }
    });
  });
})();
