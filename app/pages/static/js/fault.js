// A page that says what went wrong: the header of all pages, nothing more.

import { frame } from "./frame.js";

frame();
