#!/usr/bin/env python3
"""Image archives for the tests: make_images.py KIND OUT

Kinds that end in "-oci" are OCI layout folders, all others docker-archives (one tar file)."""
import gzip
import hashlib
import io
import json
import os
import platform
import sys
import tarfile

ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]


class Layer:
    """One layer's tar archive, entry by entry."""

    def __init__(self, fmt=tarfile.PAX_FORMAT):
        self.data = io.BytesIO()
        self.tar = tarfile.open(fileobj=self.data, mode="w", format=fmt, encoding="utf-8", errors="surrogateescape")

    def add(self, name, kind=tarfile.REGTYPE, content=b"", mode=0o644, uid=0, gid=0, mtime=1600000000, link="",
            dev=(0, 0), xattrs=None):
        info = tarfile.TarInfo(name)
        info.type, info.mode, info.uid, info.gid, info.mtime, info.linkname = kind, mode, uid, gid, mtime, link
        info.devmajor, info.devminor = dev
        if kind == tarfile.REGTYPE:
            info.size = len(content)
        for key, value in (xattrs or {}).items():
            info.pax_headers["SCHILY.xattr." + key] = value
        self.tar.addfile(info, io.BytesIO(content))
        return self

    def dir(self, name, mode=0o755, **more):
        return self.add(name, tarfile.DIRTYPE, mode=mode, **more)

    def symlink(self, name, target, **more):
        return self.add(name, tarfile.SYMTYPE, link=target, mode=0o777, **more)

    def hardlink(self, name, target):
        return self.add(name, tarfile.LNKTYPE, link=target)

    def bytes(self):
        self.tar.close()
        return self.data.getvalue()


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def config(layers, architecture=ARCHITECTURE, operating_system="linux", **run):
    return json.dumps({"architecture": architecture, "os": operating_system,
                       "config": {"Env": ["PATH=/bin"], "Cmd": ["/bin/sh"], **run},
                       "rootfs": {"type": "layers", "diff_ids": [digest(layer) for layer in layers]}}).encode()


def add_file(tar, name, data):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    tar.addfile(info, io.BytesIO(data))


def docker_archive(out, images):
    """images: [(names, layers, config)]; the table of contents comes last, as docker save writes it."""
    with tarfile.open(out, "w") as tar:
        table = []
        for names, layers, document in images:
            paths = []
            for layer in layers:
                path = hashlib.sha256(layer).hexdigest() + "/layer.tar"
                add_file(tar, path, layer)
                paths.append(path)
            name = hashlib.sha256(document).hexdigest() + ".json"
            add_file(tar, name, document)
            table.append({"Config": name, "RepoTags": names, "Layers": paths})
        add_file(tar, "manifest.json", json.dumps(table).encode())


def oci_folder(out, manifests):
    """manifests: [(ref name or None, layers, config, compress)]; one layout with one index entry for each."""
    os.makedirs(out + "/blobs/sha256")

    def blob(data, media_type, **more):
        with open(out + "/blobs/sha256/" + digest(data)[7:], "wb") as file:
            file.write(data)
        return {"mediaType": media_type, "digest": digest(data), "size": len(data), **more}

    entries = []
    for name, layers, document, compress in manifests:
        layer_type = "application/vnd.oci.image.layer.v1.tar" + ("+gzip" if compress else "")
        stored = [blob(gzip.compress(layer, 6, mtime=0) if compress else layer, layer_type) for layer in layers]
        manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                    "config": blob(document, "application/vnd.oci.image.config.v1+json"), "layers": stored}
        annotations = {"org.opencontainers.image.ref.name": name} if name else {}
        entries.append(blob(json.dumps(manifest).encode(), manifest["mediaType"], annotations=annotations))
    with open(out + "/index.json", "w", encoding="utf-8") as file:
        json.dump({"schemaVersion": 2, "manifests": entries}, file)
    with open(out + "/oci-layout", "w", encoding="utf-8") as file:
        file.write('{"imageLayoutVersion":"1.0.0"}')


# --- what layers can say ---

def semantics():
    """Layers that together use everything the format has; an independent program's result is what they must show."""
    long_name = "n" * 240
    deep = "/".join(["deep-folder-%02d" % i for i in range(30)])
    base = Layer()
    base.dir("./", mode=0o751, mtime=1500000000.25)
    for name in ("bin", "usr", "usr/lib", "usr/lib/sub", "var", "opt", "gone", "sym-target"):
        base.dir("./" + name, mtime=1500000001.5)
    base.symlink("./lib", "usr/lib", mtime=1500000002)
    base.symlink("./lib-absolute", "/usr/lib")
    base.dir("./etc", mode=0o750, uid=5, gid=6, mtime=1500000003.123456789, xattrs={"user.folder": "yes"})
    base.add("./etc/passwd", content=b"root:x:0:0:\n", mtime=1500000004.000000001)
    base.add("./etc/old", content=b"old")
    base.dir("./etc/conf.d", mode=0o700, uid=9)
    base.add("./etc/conf.d/a", content=b"a").add("./etc/conf.d/b", content=b"b")
    base.add("./usr/lib/base.so", content=b"\x7fELF" * 1000)
    base.add("./bin/su", content=b"suid", mode=0o4755, uid=0, gid=7)
    base.add("./bin/sgid", content=b"sgid", mode=0o2711, uid=3, gid=7)
    base.add("./bin/x", content=b"x", xattrs={"user.color": "blue", "trusted.mine": "t",
                                               "security.capability": "\x01\x00\x00\x02\x00\x04\x00\x00" + "\x00" * 12})
    base.hardlink("./bin/x2", "./bin/x")
    base.add("./var/fifo", tarfile.FIFOTYPE, mode=0o622)
    base.add("./var/null", tarfile.CHRTYPE, mode=0o666, dev=(1, 3))
    base.add("./var/disk", tarfile.BLKTYPE, mode=0o660, uid=0, gid=6, dev=(7, 300))
    base.add("./var/" + long_name, content=b"long")
    base.add("./var/" + deep + "/file", content=b"deep")
    base.add("./var/gr\u00fc\u00dfe-\u4e16\u754c", content=b"unicode")
    base.add("./opt/y", content=b"y").add("./gone/file", content=b"f")
    base.add("./was-file", content=b"f").dir("./was-dir").add("./was-dir/x", content=b"x")
    base.symlink("./was-link", "sym-target").add("./sym-target/kept", content=b"k")
    base.dir("./sgid-dir", mode=0o2775, gid=44).add("./sgid-dir/file", content=b"f", gid=0)
    base.add("./twice", content=b"first", mode=0o600).add("./twice", content=b"second, last wins", mode=0o640)
    base.dir("./twice-dir", mode=0o700, xattrs={"user.first": "1"})
    base.dir("./twice-dir", mode=0o711, xattrs={"user.second": "2"})
    base.add("./file-then-dir", content=b"f").dir("./file-then-dir").add("./file-then-dir/in", content=b"in")
    base.add("./empty", content=b"")

    # Written by a tool that leaves parents out, with hard links and whiteouts that reach below.
    bare = Layer()
    bare.add("etc/new", content=b"new")
    bare.add("etc/.wh.old")
    bare.add("etc/conf.d/.wh..wh..opq").add("etc/conf.d/fresh", content=b"fresh")
    bare.hardlink("etc/passwd-link", "etc/passwd")
    bare.hardlink("usr/so-link", "lib/base.so")
    bare.add("lib/added.so", content=b"added through the link")
    bare.add("lib/sub/added", content=b"one folder further")
    bare.add("lib-absolute/added2.so", content=b"added through an absolute link")
    bare.add("a/b/c/deep", content=b"no parents anywhere")
    bare.add(".wh.gone")
    bare.add("bin/.wh.sgid")

    last = Layer(tarfile.GNU_FORMAT)
    last.dir("usr", mode=0o711, uid=1, mtime=1500000009)
    last.dir("tmp", mode=0o1777, mtime=1500000010)
    last.add(".wh.opt").dir("opt", mode=0o700).add("opt/x", content=b"x")
    last.dir("was-file").add("was-file/in", content=b"in")
    last.add("was-dir", content=b"now a file")
    last.dir("was-link").add("was-link/in", content=b"in")
    last.add("gone/back", content=b"again")
    last.add("var/" + long_name, content=b"changed")
    last.symlink("etc/passwd", "../" + "target" * 30)
    return [base.bytes(), bare.bytes(), last.bytes()]


# --- what no layer may say: (layers) by name ---

def hostile(kind):
    layer = Layer()
    layer.dir("./").dir("./bin").add("./bin/sh", content=b"sh")
    if kind == "escape":
        layer.add("../../escaped", content=b"x")
    elif kind == "escape-inside":
        layer.add("bin/../../escaped", content=b"x")
    elif kind == "through-symlink":
        layer.symlink("way", "/tmp").add("way/image-test-escaped", content=b"x")
    elif kind == "through-relative-symlink":
        layer.symlink("way", "../../../../../../../tmp").add("way/image-test-escaped", content=b"x")
    elif kind == "folder-through-symlink":
        layer.symlink("bin/way", "/tmp").dir("bin/way/image-test-escaped/sub")
    elif kind == "whiteout-through-symlink":
        layer.symlink("way", "/etc").add("way/.wh.passwd")
    elif kind == "link-through-symlink":
        layer.symlink("way", "/etc").hardlink("mine", "way/passwd")
    elif kind == "absolute-link":
        layer.hardlink("mine", "/etc/passwd")
    elif kind == "escaping-link":
        layer.hardlink("mine", "../../../../etc/passwd")
    elif kind == "dangling-link":
        layer.hardlink("mine", "no/such/file")
    elif kind == "folder-link":
        layer.hardlink("mine", "bin")
    elif kind == "overlay-trusted":
        layer.dir("evil", xattrs={"trusted.overlay.opaque": "y"})
    elif kind == "overlay-redirect":
        layer.dir("evil", xattrs={"trusted.overlay.redirect": "/etc"})
    elif kind == "overlay-user":
        layer.add("evil", xattrs={"user.overlay.opaque": "y"})
    elif kind == "char-0-0":
        layer.add("evil", tarfile.CHRTYPE, dev=(0, 0))
    elif kind == "whiteout-dots":
        layer.add("bin/.wh...")
    elif kind == "whiteout-empty":
        layer.add("bin/.wh.")
    elif kind == "root-is-file":
        layer.add(".", content=b"x")
    else:
        raise SystemExit("unknown kind " + kind)
    return [layer.bytes()]


def bomb(out, size):
    """An OCI layout whose layer is a long run of zeros: a file of 64 MiB, then padding, which costs no disk."""
    compressor = gzip.GzipFile(out + ".gz", "wb", 2, mtime=0)
    layer_hash = hashlib.sha256()
    info = tarfile.TarInfo("zeros")
    info.size = 64 << 20
    zeros = bytes(1 << 20)
    for chunk in (info.tobuf(), *(zeros for _ in range(size >> 20))):
        layer_hash.update(chunk)
        compressor.write(chunk)
    compressor.close()
    os.makedirs(out + "/blobs/sha256")

    def blob(data, media_type):
        with open(out + "/blobs/sha256/" + digest(data)[7:], "wb") as file:
            file.write(data)
        return {"mediaType": media_type, "digest": digest(data), "size": len(data)}

    with open(out + ".gz", "rb") as file:
        layer = blob(file.read(), "application/vnd.oci.image.layer.v1.tar+gzip")
    os.unlink(out + ".gz")
    document = json.dumps({"architecture": ARCHITECTURE, "os": "linux", "config": {},
                           "rootfs": {"type": "layers", "diff_ids": ["sha256:" + layer_hash.hexdigest()]}}).encode()
    manifest = json.dumps({"schemaVersion": 2, "config": blob(document, "application/vnd.oci.image.config.v1+json"),
                           "layers": [layer]}).encode()
    with open(out + "/index.json", "w", encoding="utf-8") as file:
        json.dump({"schemaVersion": 2, "manifests": [blob(manifest, "application/vnd.oci.image.manifest.v1+json")]}, file)
    with open(out + "/oci-layout", "w", encoding="utf-8") as file:
        file.write('{"imageLayoutVersion":"1.0.0"}')


def simple(text):
    return [Layer().dir("./").dir("./bin").add("./bin/sh", content=text, mode=0o755).bytes()]


def large(files, size):
    layer = Layer().dir("./")
    for i in range(files):
        layer.add("./file-%05d" % i, content=hashlib.sha256(b"%d" % i).digest() * (size // 32))
    return [layer.bytes()]


def main():
    kind, out = sys.argv[1], sys.argv[2]
    if kind == "semantics-oci":
        layers = semantics()
        oci_folder(out, [("latest", layers, config(layers), True)])
    elif kind == "two-images":
        one, two = simple(b"one"), simple(b"two")
        docker_archive(out, [(["one:1", "uno:1"], one, config(one)), (["two:2"], two, config(two))])
    elif kind == "simple":
        layers = simple(b"simple")
        docker_archive(out, [(["simple:1"], layers, config(layers, User="5:6", Labels={"a": "b"}))])
    elif kind == "unknown-user":
        layers = simple(b"#!/bin/sh")
        docker_archive(out, [(["ghost:1"], layers, config(layers, User="ghost"))])
    elif kind == "volumes":
        with open("/bin/busybox", "rb") as file:
            busybox = file.read()
        layer = Layer().dir("./").dir("./bin").add("./bin/busybox", content=busybox, mode=0o755)
        layer.dir("./tmp", mode=0o1777).dir("./full", uid=7).add("./full/content", content=b"of the image\n")
        layer.symlink("./out", "../../../../../../tmp").symlink("./bin/sh", "busybox")
        layers = [layer.bytes()]
        volumes = ["/full", "/data/new", "relative", "/out/nodeagent-volume", "/../up", "/mounted/below", "/proc/x", "/"]
        docker_archive(out, [(["volumes:1"], layers,
                              config(layers, User="1000:1000", Volumes={volume: {} for volume in volumes}))])
    elif kind == "dangling-volume":
        layer = Layer().dir("./").dir("./bin").add("./bin/sh", mode=0o755).symlink("./data", "/no/such/folder")
        layers = [layer.bytes()]
        docker_archive(out, [(["dangling:1"], layers, config(layers, Volumes={"/data": {}}))])
    elif kind == "unnamed":
        layers = simple(b"unnamed")
        docker_archive(out, [(None, layers, config(layers))])
    elif kind == "other-platform":
        layers = simple(b"other")
        docker_archive(out, [(["other:1"], layers, config(layers, architecture="s390x"))])
    elif kind == "other-platform-oci":
        layers = simple(b"other")
        oci_folder(out, [("other:1", layers, config(layers, architecture="s390x"), True)])
    elif kind == "large":
        layers = large(400, 1 << 16)
        docker_archive(out, [(["large:1"], layers, config(layers))])
    elif kind == "wrong-diff-id":
        layers = simple(b"right")
        docker_archive(out, [(["wrong:1"], layers, config(simple(b"something else")))])
    elif kind == "wrong-blob-oci":
        layers = simple(b"right")
        oci_folder(out, [("wrong:1", layers, config(layers), False)])
        path = out + "/blobs/sha256/" + digest(layers[0])[7:]
        with open(path, "r+b") as file:
            file.seek(600)
            file.write(b"X")
    elif kind == "truncated-layer-oci":
        # Its digests are right, so that only the layer itself can tell.
        layers = [large(4, 1 << 16)[0][:100000]]
        oci_folder(out, [("cut:1", layers, config(layers), True)])
    elif kind == "not-an-image":
        with tarfile.open(out, "w") as tar:
            add_file(tar, "etc/passwd", b"root")
    elif kind == "bomb-oci":
        bomb(out, 1200 << 20)
    else:
        layers = hostile(kind)
        docker_archive(out, [(["hostile:1"], layers, config(layers))])


main()
