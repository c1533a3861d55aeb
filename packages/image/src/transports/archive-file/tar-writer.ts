import type { ByteStream } from "@containers/common/digest/byte-stream";
import { ToolError } from "@containers/common/errors/tool-error";
import { writeFully } from "../blob-file.ts";

const BLOCK = 512;
/** Largest size that the octal field holds; beyond, the base-256 form is written. */
const OCTAL_LIMIT = 8 ** 11;

/** Writes a tar of plain files and links to a descriptor, front to back, so that it may be a pipe. One entry at a time. */
export class TarWriter {
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** An entry whose bytes are at hand. */
  addBytes(name: string, bytes: Uint8Array): void {
    writeFully(this.#fd, header({ name, size: bytes.length, type: "0" }));
    writeFully(this.#fd, bytes);
    this.#pad(bytes.length);
  }

  /** An entry out of a stream of exactly `size` bytes. */
  async addStream(name: string, size: number, stream: ByteStream): Promise<void> {
    writeFully(this.#fd, header({ name, size, type: "0" }));
    let written = 0;
    for await (const chunk of stream) {
      written += chunk.length;
      if (written > size) break;
      writeFully(this.#fd, chunk);
    }
    if (written !== size)
      throw new ToolError(
        "corrupt",
        `size mismatch when copying ${name}, expected ${size} bytes, got ${written > size ? "more" : written}`,
      );
    this.#pad(size);
  }

  addSymlink(name: string, target: string): void {
    writeFully(this.#fd, header({ name, size: 0, type: "2", target }));
  }

  addDirectory(name: string): void {
    writeFully(this.#fd, header({ name, size: 0, type: "5" }));
  }

  /** The end of the archive: two empty blocks. */
  finish(): void {
    writeFully(this.#fd, new Uint8Array(2 * BLOCK));
  }

  #pad(size: number): void {
    const rest = size % BLOCK;
    if (rest > 0) writeFully(this.#fd, new Uint8Array(BLOCK - rest));
  }
}

interface Entry {
  readonly name: string;
  readonly size: number;
  /** `0` file, `2` symbolic link, `5` directory. */
  readonly type: "0" | "2" | "5";
  readonly target?: string;
}

/** A ustar header. Times are zero and owners root, so that the same image always makes the same archive. */
function header(entry: Entry): Uint8Array {
  const block = Buffer.alloc(BLOCK);
  if (Buffer.byteLength(entry.name) > 100) throw new ToolError("internal", `the name ${entry.name} is too long for an archive`);
  block.write(entry.name, 0);
  block.write(`${entry.type === "0" ? "0000444" : entry.type === "5" ? "0000755" : "0000777"}\0`, 100);
  block.write("0000000\0", 108);
  block.write("0000000\0", 116);
  writeSize(block, entry.size);
  block.write("00000000000\0", 136);
  block.write("        ", 148);
  block.write(entry.type, 156);
  if (entry.target !== undefined) block.write(entry.target, 157);
  block.write("ustar\x0000", 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

function writeSize(block: Buffer, size: number): void {
  if (size < OCTAL_LIMIT) {
    block.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
    return;
  }
  block[124] = 0x80;
  block.writeBigUInt64BE(BigInt(size), 128);
}
