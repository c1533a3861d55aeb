import * as z from "zod/mini";

/** Body of `POST /containers/{name}/exec`. */
export const execCreateSchema = z.object({
  AttachStdin: z.nullish(z.boolean()),
  AttachStdout: z.nullish(z.boolean()),
  AttachStderr: z.nullish(z.boolean()),
  Cmd: z.nullish(z.array(z.string())),
  DetachKeys: z.nullish(z.string()),
  Env: z.nullish(z.array(z.string())),
  Privileged: z.nullish(z.boolean()),
  Tty: z.nullish(z.boolean()),
  User: z.nullish(z.string()),
  WorkingDir: z.nullish(z.string()),
});

/** Body of `POST /exec/{id}/start`. */
export const execStartSchema = z.object({
  Detach: z.nullish(z.boolean()),
  Tty: z.nullish(z.boolean()),
  h: z.nullish(z.number()),
  w: z.nullish(z.number()),
});
