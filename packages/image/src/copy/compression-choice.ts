import { ToolError } from "@containers/common/errors/tool-error";
import type { CompressionChoice, CompressionFormat } from "./recompress.ts";

const FORMATS: readonly CompressionFormat[] = ["gzip", "zstd", "zstd:chunked"];

/** What flags, a query or containers.conf say of compression: texts that nobody has looked at. */
export interface AskedCompression {
  readonly format?: string | undefined;
  readonly level?: number | undefined;
  /** Whether layers that are there in another compression do not serve. Default: when a format is named. */
  readonly force?: boolean | undefined;
}

/** Checks what was asked for; `configured` (containers.conf) holds where nothing was, and forces nothing. Throws `unsupported` for an unknown format. */
export function compressionChoice(asked: AskedCompression, configured: Omit<AskedCompression, "force"> = {}): CompressionChoice {
  const given = asked.format === undefined || asked.format === "" ? undefined : parseFormat(asked.format);
  const level = asked.level ?? configured.level;
  if (given !== undefined) return { format: given, level, force: asked.force ?? true, named: true };
  const format = configured.format === undefined || configured.format === "" ? undefined : parseFormat(configured.format);
  return { format, level, force: asked.force };
}

function parseFormat(text: string): CompressionFormat {
  const format = FORMATS.find((one) => one === text);
  if (format !== undefined) return format;
  throw new ToolError("unsupported", `cannot find compressor for ${JSON.stringify(text)}`, {
    hint: "gzip, zstd and zstd:chunked are supported",
  });
}
