/** Trust: a policy that lets in signed images only. */
import { afterAll, it } from "vitest";
import { systemProgram } from "../harness/binaries.ts";
import { tour } from "../harness/tour.ts";

const skip = systemProgram("gpg") === undefined ? "gpg is not installed" : undefined;

tour("trust", { users: ["root", "rootless"], images: ["base"], registry: true, ownSystem: true, skip }, ({ type }) => {
  afterAll(() => type`$ gpgconf --kill all`);

  it("signs what it pushes", () => type`
    $ gpg --batch --quiet --passphrase '' --quick-gen-key alice@example.com rsa2048 sign never 2>/dev/null
    $ gpg --batch --export alice@example.com > alice.gpg
    $ mkdir -p .config/containers/registries.d; cat > .config/containers/registries.d/local.yaml <<EOF
    > docker:
    >   $REGISTRY:
    >     lookaside: file://$PWD/signatures
    > EOF
    $ podman push -q --sign-by alice@example.com base $REGISTRY/signed
    $ podman push -q base $REGISTRY/unsigned
    $ podman rmi -a -f
    ...
  `);

  it("runs a signed image and refuses an unsigned one before anything is unpacked", () => type`
    $ cat > .config/containers/policy.json <<EOF
    > { "default": [{ "type": "reject" }],
    >   "transports": { "docker": { "$REGISTRY": [{ "type": "signedBy", "keyType": "GPGKeys", "keyPath": "$PWD/alice.gpg" }] },
    >                   "containers-storage": { "": [{ "type": "insecureAcceptAnything" }] } } }
    > EOF
    $ podman run --rm -q --network none $REGISTRY/signed echo trusted
    trusted
    $ podman run --rm -q --network none $REGISTRY/unsigned echo trusted
    Error: ... A signature was required, but no signature exists
    [exit 125]
    $ podman images --format '{{.Repository}}'
    $REGISTRY/signed
  `);

  it("refuses an image that was altered after it was signed", () => type`
    $ ctr=$(buildah from --signature-policy /etc/containers/policy.json $REGISTRY/signed)
    $ buildah config --env ALTERED=yes $ctr
    $ buildah commit -q --signature-policy /etc/containers/policy.json $ctr altered
    <id>
    $ podman push -q --signature-policy /etc/containers/policy.json altered $REGISTRY/signed
    $ buildah rm $ctr
    <id>
    $ podman rmi -a -f
    ...
    $ podman run --rm -q --network none $REGISTRY/signed echo trusted
    Error: ... A signature was required, but no signature exists
    [exit 125]
    # Not even with the signature of what it was before
    $ for old in signatures/*; do cp -r $old signatures/signed@$(skopeo inspect --raw docker://$REGISTRY/signed | sha256sum | sed 's/^/sha256=/; s/ .*//'); done
    $ podman run --rm -q --network none $REGISTRY/signed echo trusted
    Error: ... does not match
    [exit 125]
    $ podman images -q
  `);
});
