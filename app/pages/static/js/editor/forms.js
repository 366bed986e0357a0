// Forms out of declarations, as one script: pages that need it later load it by `import()` from its static path.

export { declarations } from "./declarations.js";
export { Declarations } from "./schema.js";
export { DraftStore, LocalStore, PendingStore, pathOf } from "./form_store.js";
export { Form } from "./form.js";
export { choosing } from "./form_choices.js";
export { styled } from "./sheet.js";
