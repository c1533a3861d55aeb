import type { ByteStream } from "@containers/common/digest/byte-stream";
import { describeError, ToolError } from "@containers/common/errors/tool-error";
import { httpRequest } from "@containers/common/http/fetch";
import type { BlobInfo } from "../transport.ts";

/**
 * A foreign layer from the URLs that its descriptor names; undefined when it names none that we can use. No credentials
 * go there: anybody may have written those URLs (CVE-2020-15157).
 */
export async function openExternalBlob(
  info: BlobInfo,
  signal?: AbortSignal,
): Promise<{ readonly stream: ByteStream; readonly size: number } | undefined> {
  const urls = (info.urls ?? []).filter((url) => /^https?:\/\//.test(url));
  const failures: string[] = [];
  for (const url of urls) {
    try {
      const response = await httpRequest(url, { signal, redirect: "follow" });
      if (response.status === 200) return { stream: response.stream(), size: Number(response.headers.get("content-length") ?? -1) };
      await response.discard();
      failures.push(`status ${response.status}`);
    } catch (error) {
      failures.push(describeError(error));
    }
  }
  if (failures.length === 0) return undefined;
  throw new ToolError("unavailable", `failed fetching external blob ${info.digest} from all URLs: ${failures.join(", ")}`);
}
