// Opens the board at once where a person looks: programs that follow links, and pages made in advance, do not press.
const open = () => document.visibilityState === "visible" && !document.prerendering && document.getElementById("open").submit();
open();
document.addEventListener("visibilitychange", open);
document.addEventListener("prerenderingchange", open);
