import { createHash, type Hash } from "node:crypto";

/**
 * Names what a COPY or ADD brought in: `file:<hex>`, `dir:<hex>`, or `multi:<hex>` over several. One source after
 * the other: {@link start}, {@link update} with tar bytes, {@link end}.
 */
export class ContentDigest {
  private readonly parts: Array<{ readonly kind: string; readonly hex: string }> = [];
  private current: { readonly kind: "file" | "dir" | ""; readonly hash: Hash } | undefined;

  start(kind: "file" | "dir" | ""): void {
    this.current = { kind, hash: createHash("sha256") };
  }

  update(bytes: Uint8Array): void {
    this.current?.hash.update(bytes);
  }

  end(): void {
    if (this.current === undefined) return;
    const { kind, hash } = this.current;
    // The original hashes a whole archive, which ends in two empty blocks.
    if (kind !== "") hash.update(Buffer.alloc(1024));
    this.parts.push({ kind, hex: hash.digest("hex") });
    this.current = undefined;
  }

  /** Empty when nothing was copied. */
  summary(): string {
    const [first, ...others] = this.parts;
    if (first === undefined) return "";
    if (others.length === 0) return label(first.kind, first.hex);
    const list = this.parts.map((part) => label(part.kind, part.hex)).join(",");
    return label("multi", createHash("sha256").update(list).digest("hex"));
  }
}

function label(kind: string, hex: string): string {
  return kind === "" ? hex : `${kind}:${hex}`;
}
