import { exportContainer } from "../../../containers/export.ts";
import { resolveContainer } from "../../../locks/with-container-lock.ts";
import { bytes } from "../../reply.ts";
import type { Handler } from "../../route.ts";

/** `GET /containers/{name}/export`: all files as one tar archive. */
export const exportContainerRoute: Handler = ({ engine, param }) => {
  const { config } = resolveContainer(engine, param("name"));
  return bytes(exportContainer(engine, config.id));
};
