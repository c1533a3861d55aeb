import { ToolError } from "@containers/common/errors/tool-error";

/**
 * What a signed manifest of schema 1 is the digest of: its bytes before the signatures were put in. The signatures themselves say nothing: anybody may make
 * one, with any key.
 *
 * @throws corrupt
 */
export function signedPayload(manifest: Uint8Array): Uint8Array {
  const protectedHeaders = protectedHeadersOf(manifest);
  const [first] = protectedHeaders;
  if (first === undefined || protectedHeaders.some(({ length, tail }) => length !== first.length || tail !== first.tail))
    throw new ToolError("corrupt", "the manifest's signatures do not agree on what they sign");
  if (first.length > manifest.length) throw new ToolError("corrupt", "the manifest is shorter than its signatures say");
  return Buffer.concat([manifest.subarray(0, first.length), Buffer.from(first.tail, "base64url")]);
}

interface ProtectedHeader {
  readonly length: number;
  readonly tail: string;
}

function protectedHeadersOf(manifest: Uint8Array): readonly ProtectedHeader[] {
  try {
    const { signatures } = JSON.parse(new TextDecoder().decode(manifest)) as {
      readonly signatures?: ReadonlyArray<{ protected?: unknown }>;
    };
    return (signatures ?? []).map((one) => {
      const header = JSON.parse(Buffer.from(String(one.protected), "base64url").toString("utf8")) as {
        readonly formatLength?: unknown;
        readonly formatTail?: unknown;
      };
      const { formatLength, formatTail } = header;
      if (typeof formatLength !== "number" || !Number.isSafeInteger(formatLength) || formatLength < 0 || typeof formatTail !== "string")
        throw new ToolError("corrupt", "a signature does not tell what it signs");
      return { length: formatLength, tail: formatTail };
    });
  } catch (error) {
    throw new ToolError("corrupt", "parsing the manifest's signatures", { cause: error });
  }
}
