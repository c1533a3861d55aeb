import { ToolError } from "@containers/common/errors/tool-error";
import { parseNormalizedName } from "../reference/reference.ts";
import { MANIFEST_KEY } from "../transports/containers-storage/big-data-keys.ts";
import { keepSignatures } from "../transports/containers-storage/commit.ts";
import { openSigner, type SigningKeys } from "../trust/signer.ts";
import type { LocalImages } from "./local-images.ts";

/**
 * Signs an image of the store, which keeps the signatures: they go along when it is pushed.
 *
 * @param name that it is signed for, a full one; without, one that nothing has, as by the original
 * @throws not-found for a key that is not there
 */
export async function signStoredImage(
  { store, report }: Pick<LocalImages, "store" | "report">,
  image: { readonly id: string; readonly name?: string | undefined },
  keys: SigningKeys,
): Promise<void> {
  const manifest = store.images.bigData(image.id, MANIFEST_KEY);
  if (manifest === undefined) throw new ToolError("corrupt", `image ${image.id} has no manifest`);
  const identity = parseNormalizedName(image.name ?? `${image.id}-tmp:latest`);
  const sign = await openSigner(identity, keys, `containers-storage:${identity}`);
  if (sign !== undefined) keepSignatures(store, image.id, await sign(manifest, report));
}
