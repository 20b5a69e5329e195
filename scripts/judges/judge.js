// Prints results that depend on nothing but its argument, how much of it all to do.
'use strict';
const rounds = Number(process.argv[2]);

function integers() {
  let hash = 7;
  for (let i = 0; i < rounds * 20; i++) hash = (Math.imul(hash, 31) + (i ^ (hash >>> 7))) | 0;
  return hash;
}

function doubles() {
  let x = 0.1, y = 0.2, sum = 0;
  for (let i = 1; i < rounds * 10; i++) {
    const next = x * x - y * y + 0.3;
    y = 2 * x * y + 0.1;
    x = next * next + y * y > 4 ? 0.1 / i : next;
    sum += Math.sqrt(i) * x;
  }
  return sum;
}

function objects() {
  const counts = {};
  for (let i = 0; i < rounds; i++) {
    const key = 'key ' + (Math.imul(i, 7919) & 1023);
    counts[key] = (counts[key] || 0) + i;
  }
  return Object.keys(counts).sort().map((key) => key + counts[key]).join().length;
}

class Shape {
  constructor(size) { this.size = size; }
  area() { return this.size * this.size; }
}
class Circle extends Shape {
  area() { return 3 * super.area(); }
}

function calls() {
  let sum = 0;
  for (let i = 0; i < rounds * 5; i++) sum += (i % 3 ? new Shape(i) : new Circle(i)).area() % 1009;
  return sum;
}

function changesItsTypes() {
  const add = (a, b) => a + b; // compiled for integers, then doubles, then strings
  let sum = 0;
  for (let i = 0; i < rounds; i++) sum = add(sum, i);
  for (let i = 0; i < rounds; i++) sum = add(sum, i / 3);
  let text = '';
  for (let i = 0; i < rounds; i++) text = add(text, i & 7);
  return sum + ' ' + text.length;
}

function typedArrays() {
  const words = new Uint32Array(4096);
  for (let i = 0; i < rounds * 10; i++) words[i & 4095] += Math.imul(words[(i * 7) & 4095] ^ i, 2654435761);
  return words.reduce((a, b) => (a ^ b) >>> 0);
}

function big() {
  let value = 1n;
  for (let i = 1n; i < 400n; i++) value *= i;
  return value % 1000003n;
}

const text = Array.from({ length: rounds }, (_, i) => 'w' + (i % 97)).join(' ');
console.log('integers', integers());
console.log('doubles', doubles());
console.log('objects', objects());
console.log('calls', calls());
console.log('types', changesItsTypes());
console.log('arrays', typedArrays());
console.log('big', String(big()));
console.log('words', (text.match(/w(1|2)\d\b/g) || []).length);
console.log('json', JSON.stringify(JSON.parse(JSON.stringify([...Array(rounds / 10).keys()]))).length);
