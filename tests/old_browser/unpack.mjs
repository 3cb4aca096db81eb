// Unpacks the browser of the package @sparticuz/chromium; it appears under its name once it is whole.
import { createReadStream, createWriteStream } from "node:fs";
import { rename } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";

const packed = createReadStream("node_modules/@sparticuz/chromium/bin/chromium.br");
await pipeline(packed, createBrotliDecompress(), createWriteStream("node_modules/chromium.part", { mode: 0o755 }));
await rename("node_modules/chromium.part", "node_modules/chromium");
