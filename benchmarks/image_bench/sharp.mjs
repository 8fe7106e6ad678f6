// Renders with sharp: a JSON line with a job on standard input, a JSON line with its figures on standard output.
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

const { default: sharp } = await import(pathToFileURL(process.argv[2]).href)
sharp.concurrency(1)
sharp.cache(false)

const WIDTHS = [1280, 640, 320, 160]
const OURS = width => (width > 640 ? 2 : 4)
const shrink = (image, width) => image.resize({ width, withoutEnlargement: true })
const encode = (image, effort) => [
  image.clone().webp({ quality: 80, effort }).toBuffer(),
  image.clone().jpeg({ quality: 80 }).toBuffer()
]

async function once (source, effort) {
  const { data, info } = await shrink(sharp(source).autoOrient(), 1280).raw().toBuffer({ resolveWithObject: true })
  const raw = { width: info.width, height: info.height, channels: info.channels }
  const files = []
  for (const width of WIDTHS) files.push(...await Promise.all(encode(shrink(sharp(data, { raw }), width), effort(width))))
  return files
}

const JOBS = {
  clone: source => {
    const image = sharp(source).autoOrient()
    return Promise.all(WIDTHS.flatMap(width => encode(shrink(image.clone(), width), 4)))
  },
  once: source => once(source, () => 4),
  'once, our effort': source => once(source, OURS),
  animated: source => Promise.all(WIDTHS.flatMap(width => [
    shrink(sharp(source, { animated: true }), width).webp({ quality: 80 }).toBuffer(),
    shrink(sharp(source), width).jpeg({ quality: 80 }).toBuffer()
  ])),
  one: async source => [await sharp(source).autoOrient().resize(256, 256, { fit: 'inside' }).jpeg({ quality: 80 }).toBuffer()]
}

for await (const line of createInterface({ input: process.stdin })) {
  const { source, job } = JSON.parse(line)
  try {
    const content = readFileSync(source)
    const [started, before] = [performance.now(), process.cpuUsage()]
    const files = await JOBS[job](content)
    const [ended, used] = [performance.now(), process.cpuUsage(before)]
    const figures = { ms: ended - started, cpu_ms: (used.user + used.system) / 1000, bytes: files.map(file => file.length) }
    console.log(JSON.stringify(figures))
  } catch (error) {
    console.log(JSON.stringify({ error: String(error) }))
  }
}
