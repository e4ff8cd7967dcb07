// What a person with poor sight, a keyboard or a small window would stumble over, in words.
() => {
  const found = [];
  const seen = (one) => one.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }) && one.getClientRects().length > 0;
  const all = [...document.body.querySelectorAll("*")].filter(seen);
  const says = (one) => `${one.tagName.toLowerCase()}.${one.className} "${(one.textContent || "").trim().slice(0, 40)}"`;

  // Contrast: 4.5 for all text, whatever its size.
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, under) => top.slice(0, 3).map((part, at) => part * top[3] + under[at] * (1 - top[3]));
  const ground = (one) => {
    const layers = [];
    for (let at = one; at; at = at.parentElement) layers.unshift(rgba(getComputedStyle(at).backgroundColor));
    return layers.reduce((under, top) => over(top, under), [255, 255, 255]);
  };
  const light = (colour) => {
    const [r, g, b] = colour.map((part) => (part / 255 <= 0.03928 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  for (const one of all) {
    const own = [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || one.closest(":disabled, [aria-hidden=true]")) continue;
    const under = ground(one);
    const style = getComputedStyle(one);
    const colour = rgba(style.color);
    colour[3] *= Number(style.opacity);
    const [high, low] = [light(over(colour, under)), light(under)].sort((a, b) => b - a);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < 4.5) found.push(`${ratio.toFixed(2)} is too little contrast: ${says(one)}`);
  }

  // Headings go down by one level at a time.
  let level = 1;
  for (const one of all.filter((each) => /^H[1-6]$/.test(each.tagName))) {
    const own = Number(one.tagName[1]);
    if (own > level + 1) found.push(`after a heading of level ${level}: ${says(one)}`);
    level = own;
  }

  // Every button, field and link has a name, and the words on it are in that name.
  for (const one of all.filter((each) => each.matches("button, a[href], input, textarea, select"))) {
    const words = [...one.childNodes].filter((each) => !each.ariaHidden).map((each) => each.textContent).join("").trim();
    const name = one.getAttribute("aria-label") || words || one.title || one.placeholder || one.labels?.[0]?.textContent || one.alt;
    if (!name) found.push(`without a name: ${says(one)}`);
    else if (one.matches("button") && /[a-z0-9]/i.test(words) && one.ariaLabel && !one.ariaLabel.toLowerCase().includes(words.toLowerCase())) found.push(`is called ${one.ariaLabel}: ${says(one)}`);
  }

  // Nothing is wider than the window, and no two things to press lie over each other.
  if (document.documentElement.scrollWidth > innerWidth) found.push(`${document.documentElement.scrollWidth} pixels wide`);
  const bar = [...document.querySelectorAll("#strip button, #strip #team, #strip .now, #heading > *")].filter(seen);
  const boxes = bar.map((one) => [one, one.getBoundingClientRect()]);
  for (const [one, a] of boxes) {
    if (a.right > innerWidth + 1 || a.left < -1) found.push(`beyond the window: ${says(one)}`);
    for (const [two, b] of boxes) {
      if (one === two || one.contains(two) || two.contains(one) || boxes.findIndex(([each]) => each === one) > boxes.findIndex(([each]) => each === two)) continue;
      const [wide, high] = [Math.min(a.right, b.right) - Math.max(a.left, b.left), Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)];
      if (wide > 2 && high > 2) found.push(`${says(one)} lies over ${says(two)}`);
    }
  }
  return found;
}
