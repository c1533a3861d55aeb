import { BUILDAH_VERSION } from "../../../system/version.ts";
import type { Handler } from "../../route.ts";

/** `/_ping`: clients learn from its headers whom they speak to. */
export const ping: Handler = ({ method }) => ({
  status: 200,
  headers: {
    "Buildkit-Version": "",
    "Builder-Version": "1",
    "Docker-Experimental": "true",
    "Cache-Control": "no-cache",
    Ostype: "linux",
    Pragma: "no-cache",
    "Libpod-Buildah-Version": BUILDAH_VERSION,
    ...(method === "HEAD" ? {} : { "Content-Type": "text/plain; charset=utf-8" }),
  },
  ...(method === "HEAD" ? {} : { body: "OK" }),
});
