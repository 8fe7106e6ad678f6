// Crops with smartcrop.js: a JSON line with a job on standard input, a JSON line with the window on standard output.
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { createRequire } from 'node:module'

const smartcrop = createRequire(import.meta.url)(process.argv[2])

// The average of the pixels that lie within each new one, as a browser's canvas shrinks.
function resample (image, width, height) {
  const [w, h] = [Math.max(1, ~~width), Math.max(1, ~~height)]
  const data = new Uint8ClampedArray(w * h * 4)
  for (let y = 0; y < h; y++) {
    const [top, bottom] = [Math.floor(y * image.height / h), Math.ceil((y + 1) * image.height / h)]
    for (let x = 0; x < w; x++) {
      const [left, right] = [Math.floor(x * image.width / w), Math.ceil((x + 1) * image.width / w)]
      for (let band = 0; band < 4; band++) {
        let sum = 0
        for (let row = top; row < bottom; row++) {
          for (let column = left; column < right; column++) sum += image.data[4 * (row * image.width + column) + band]
        }
        data[4 * (y * w + x) + band] = sum / ((bottom - top) * (right - left))
      }
    }
  }
  return { width: w, height: h, data }
}

const imageOperations = {
  open: image => Promise.resolve(image),
  resample: (image, width, height) => Promise.resolve(resample(image, width, height)),
  getData: image => Promise.resolve(new smartcrop.ImgData(image.width, image.height, image.data))
}

for await (const line of createInterface({ input: process.stdin })) {
  const { pixels, width, height, size } = JSON.parse(line)
  const image = { width, height, data: new Uint8ClampedArray(readFileSync(pixels)) }
  const { topCrop } = await smartcrop.crop(image, { width: size[0], height: size[1], minScale: 1, imageOperations })
  console.log(JSON.stringify([topCrop.x, topCrop.y, topCrop.x + topCrop.width, topCrop.y + topCrop.height]))
}
