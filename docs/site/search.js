// Search over search-index.js, which is loaded at the first letter: a page opened from a folder needs no server.
(function () {
    var box = document.getElementById("search"), list = document.getElementById("hits"), loading = false, chosen = -1;

    function load() {
        if (loading) return;
        loading = true;
        var script = document.createElement("script");
        script.src = "search-index.js";
        script.onload = show;
        document.head.appendChild(script);
    }

    function score(entry, words) {
        var title = entry[0].toLowerCase(), last = title.split("::").pop(), text = (entry[1] + " " + entry[3]).toLowerCase(), sum = 0;
        for (var i = 0; i < words.length; ++i) {
            var word = words[i];
            if (title === word || last === word) sum += 100;
            else if (last.indexOf(word) === 0 || title.indexOf(word) === 0) sum += 60;
            else if (title.indexOf(word) >= 0) sum += 30;
            else if (text.indexOf(word) >= 0) sum += 5;
            else return 0;
        }
        return sum - title.length / 100;
    }

    function show() {
        var words = box.value.toLowerCase().split(/\s+/).filter(Boolean), hits = [];
        list.textContent = "";
        chosen = -1;
        list.hidden = words.length === 0;
        if (words.length === 0 || !window.signetIndex) return;
        window.signetIndex.forEach(function (entry) {
            var points = score(entry, words);
            if (points > 0) hits.push([points, entry]);
        });
        hits.sort(function (a, b) { return b[0] - a[0]; });
        hits.slice(0, 20).forEach(function (hit) {
            var item = document.createElement("li"), link = document.createElement("a");
            var title = document.createElement("b"), where = document.createElement("i"), text = document.createElement("span");
            title.textContent = hit[1][0];
            where.textContent = hit[1][1];
            text.textContent = hit[1][3].slice(0, 110);
            link.href = hit[1][2];
            link.append(title, " ", where, text);
            item.appendChild(link);
            list.appendChild(item);
        });
        if (hits.length === 0) {
            var none = document.createElement("li");
            none.textContent = "Nothing is called so. Try a shorter word, or an error's name.";
            list.appendChild(none);
        }
    }

    box.addEventListener("focus", load);
    box.addEventListener("input", function () { load(); show(); });
    box.addEventListener("keydown", function (event) {
        var links = list.querySelectorAll("a");
        if (event.key === "Escape") { box.value = ""; show(); box.blur(); }
        if (links.length === 0) return;
        if (event.key === "ArrowDown" || event.key === "ArrowUp") {
            event.preventDefault();
            if (chosen >= 0) links[chosen].classList.remove("chosen");
            chosen = (chosen + (event.key === "ArrowDown" ? 1 : links.length - (chosen < 0 ? 0 : 1))) % links.length;
            links[chosen].classList.add("chosen");
            links[chosen].scrollIntoView({block: "nearest"});
        }
        if (event.key === "Enter") links[chosen < 0 ? 0 : chosen].click();
    });
    document.addEventListener("keydown", function (event) {
        if (event.key !== "/" || /INPUT|TEXTAREA/.test(document.activeElement.tagName)) return;
        event.preventDefault();
        box.focus();
    });
    document.addEventListener("click", function (event) {
        if (!list.contains(event.target) && event.target !== box) list.hidden = true;
    });
    var here = document.querySelector("nav [aria-current]"), menu = document.querySelector("nav");
    if (here && menu.scrollHeight > menu.clientHeight) menu.scrollTop = here.offsetTop - menu.offsetTop - menu.clientHeight / 2;
    if (box.value) { load(); show(); }
    var asked = /[?&]q=([^&#]*)/.exec(location.search);
    if (asked) { box.value = decodeURIComponent(asked[1]); load(); show(); }
})();
