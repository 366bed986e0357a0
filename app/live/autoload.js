// What `bokeh.embed.server_document` loads into a page. It is called with what it is about, as one JSON value.
((said) => {
  "use strict";
  const place = document.getElementById(said.element);
  if (place === null) {
    console.error(`heliograph: no element with the id ${said.element}`);
    return;
  }
  const embed = () => window.Bokeh.embed.embed_items({}, [said.item], said.path, said.absolute);
  if (window.Bokeh !== undefined) {
    embed();
    return;
  }
  const script = document.createElement("script");
  script.src = said.bokeh;
  script.onload = embed;
  document.head.append(script);
})
