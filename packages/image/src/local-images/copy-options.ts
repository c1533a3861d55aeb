import { compressionChoice } from "../copy/compression-choice.ts";
import type { CopyOptions } from "../copy/copy-options.ts";
import type { PlatformChoice } from "../transports/transport.ts";
import { policyCheck } from "../trust/evaluate.ts";
import { acceptAnythingPolicy, loadPolicy } from "../trust/policy-file.ts";
import type { LocalImages } from "./local-images.ts";

/** What every copy from or to the local store has in common. */
export async function copyOptions(
  images: LocalImages,
  options: { readonly platform?: PlatformChoice; readonly fromStore?: boolean } = {},
): Promise<CopyOptions> {
  const context = {
    signal: images.signal,
    registry: images.registry,
    platform: options.platform,
    store: images.store,
    temporaryDirectory: images.temporaryDirectory,
  };
  // What is in the store was let in by the policy when it came: a push does not ask again.
  const policy = options.fromStore === true ? acceptAnythingPolicy("the store") : loadPolicy(images.policyPath);
  const keys = options.fromStore === true ? [] : (images.decryptionKeys ?? []);
  const decryptor = keys.length === 0 ? undefined : await (await import("../encryption/choose.ts")).chooseDecryptor(keys);
  return {
    ...(decryptor === undefined ? {} : { decryptor }),
    context: { source: context, destination: context },
    policy: policyCheck(policy),
    progress: await images.progress?.(),
    signal: images.signal,
    ...(images.parallelCopies === undefined ? {} : { parallel: images.parallelCopies }),
    ...(images.debug === undefined ? {} : { debug: (message) => images.debug?.(() => message) }),
  };
}

/** A push's compression: what was asked for, and what containers.conf says where nothing was. */
export async function pushCompression(images: LocalImages, asked: CopyOptions["compression"]): Promise<CopyOptions["compression"]> {
  const configured = await images.compressionDefaults?.();
  return { ...asked, ...compressionChoice(asked ?? {}, configured) };
}
