import * as z from "zod/mini";

const text = z.nullish(z.string());
const texts = z.nullish(z.array(z.string()));
const textMap = z.nullish(z.record(z.string(), z.string()));

/** Body of `POST /networks/create`. */
export const networkCreateSchema = z.object({
  Name: text,
  Driver: text,
  Internal: z.nullish(z.boolean()),
  EnableIPv6: z.nullish(z.boolean()),
  IPAM: z.nullish(
    z.object({
      Driver: text,
      Config: z.nullish(z.array(z.object({ Subnet: text, IPRange: text, Gateway: text }))),
    }),
  ),
  Labels: textMap,
  Options: textMap,
});

/** Body of `POST /networks/{name}/connect`. */
export const networkConnectSchema = z.object({
  Container: text,
  EndpointConfig: z.nullish(
    z.object({
      Aliases: texts,
      IPAddress: text,
      MacAddress: text,
      IPAMConfig: z.nullish(z.object({ IPv4Address: text, IPv6Address: text })),
    }),
  ),
});

/** Body of `POST /networks/{name}/disconnect`. */
export const networkDisconnectSchema = z.object({ Container: text, Force: z.nullish(z.boolean()) });
