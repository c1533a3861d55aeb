import { createHash, type KeyObject, sign } from "node:crypto";
import { sha256 } from "@containers/common/digest/digest";
import { json } from "@sigstore/core";
import { SIGNATURE_ANNOTATION, SIMPLE_SIGNING_TYPE } from "../trust/requirements/sigstore-signed.ts";
import { encodeSigstoreSignature } from "../trust/signature-kind.ts";
import { buildSigstorePayload } from "../trust/simple-signing/payload.ts";

/** A signature as cosign writes it, with whatever is wrong with it. */
export interface CosignSignature {
  readonly manifest: Uint8Array;
  readonly reference: string;
  readonly key: KeyObject;
  /** What the log says it is about: a key or a certificate in PEM. */
  readonly logged?: string;
  /** The log's private key. */
  readonly log: KeyObject;
  readonly time?: Date;
  readonly certificate?: string;
  readonly chain?: string;
  /** Changes the log's entry before it is signed. */
  readonly entry?: (entry: Record<string, unknown>) => unknown;
}

export function makeCosignSignature(making: CosignSignature): Uint8Array {
  const payload = buildSigstorePayload({ digest: sha256(making.manifest), reference: making.reference }, {});
  const raw = sign("sha256", payload, making.key);
  const annotations: Record<string, string> = { [SIGNATURE_ANNOTATION]: base64(raw) };
  if (making.certificate !== undefined) annotations["dev.sigstore.cosign/certificate"] = making.certificate;
  if (making.chain !== undefined) annotations["dev.sigstore.cosign/chain"] = making.chain;
  if (making.logged !== undefined) {
    const entry = {
      apiVersion: "0.0.1",
      kind: "hashedrekord",
      spec: {
        data: { hash: { algorithm: "sha256", value: createHash("sha256").update(payload).digest("hex") } },
        signature: { content: base64(raw), publicKey: { content: base64(making.logged) } },
      },
    };
    const body = base64(JSON.stringify(making.entry?.(entry) ?? entry));
    const integratedTime = Math.floor((making.time ?? new Date()).getTime() / 1000);
    const Payload = { body, integratedTime, logIndex: 7, logID: "c0ffee" };
    const promise = sign("sha256", Buffer.from(json.canonicalize(Payload)), making.log);
    annotations["dev.sigstore.cosign/bundle"] = JSON.stringify({ SignedEntryTimestamp: base64(promise), Payload });
  }
  return encodeSigstoreSignature({ mimeType: SIMPLE_SIGNING_TYPE, payload, annotations });
}

function base64(bytes: Uint8Array | string): string {
  return Buffer.from(bytes).toString("base64");
}
