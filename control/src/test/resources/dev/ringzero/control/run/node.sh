set -e
cat >/tmp/check.js <<'END'
const assert = require("assert");
const crypto = require("crypto");
const zlib = require("zlib");

assert.strictEqual(
  crypto.createHash("sha256").update("abc").digest("hex").slice(0, 16), "ba7816bf8f01cfea");
assert.strictEqual((2n ** 200n).toString().length, 61);
assert.strictEqual(0.1 + 0.2, 0.30000000000000004);
const text = Buffer.from("ring zero ".repeat(10000));
assert.deepStrictEqual(zlib.gunzipSync(zlib.gzipSync(text)), text);
assert.strictEqual("straße".toUpperCase(), "STRASSE");
assert.deepStrictEqual("2026-11-23".match(/(?<y>\d+)-(?<m>\d+)/).groups.m, "11");
// Long enough to be compiled, and thrown back to the interpreter by another type.
function add(a, b) { return a + b; }
let sum = 0;
for (let i = 0; i < 3e6; i++) sum = add(sum, i % 7);
assert.strictEqual(sum, 8999994);
assert.strictEqual(add("a", 1), "a1");
const wasm = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 2, 127, 127, 1, 127, 3, 2, 1, 0, 7, 7, 1, 3, 109,
  117, 108, 0, 0, 10, 9, 1, 7, 0, 32, 0, 32, 1, 108, 11);
WebAssembly.instantiate(wasm).then(({ instance }) => {
  assert.strictEqual(instance.exports.mul(6, 7), 42);
  console.log("ok");
});
END
node /tmp/check.js
