import { postJson, type Service, segment } from "../service.ts";
import { record, text } from "../wire.ts";

/** Lets the service copy an image by ssh; gives the name that it has at its destination. */
export async function copyImage(
  service: Service,
  source: string,
  options: { readonly destination?: string | undefined; readonly quiet: boolean },
): Promise<string> {
  return text(record(await postJson(service, `/images/scp/${segment(source)}`, { query: { ...options } }))["Id"]);
}
