/** Begin of the annotations of an image that is a checkpoint. */
export const CHECKPOINT_PREFIX = "io.podman.annotations.checkpoint";

/** By this annotation such an image is known; its value is the runtime's name. */
export const RUNTIME_ANNOTATION = `${CHECKPOINT_PREFIX}.runtime.name`;
