#!/usr/bin/env python3
"""compare_trees.py EXPECTED ACTUAL: prints every difference between two folders, as a user of them would see it.

Paths listed after the two folders are not compared by their time: programs differ on what a folder that no layer
describes should have."""
import hashlib
import os
import stat
import sys


def describe(path, with_time):
    info = os.lstat(path)
    told = {"type": oct(stat.S_IFMT(info.st_mode)), "mode": oct(stat.S_IMODE(info.st_mode)),
            "owner": (info.st_uid, info.st_gid)}
    if with_time:
        told["mtime"] = info.st_mtime_ns
    told["xattrs"] = {name: os.getxattr(path, name, follow_symlinks=False)
                      for name in os.listxattr(path, follow_symlinks=False) if not name.startswith("trusted.overlay.")}
    if stat.S_ISREG(info.st_mode):
        with open(path, "rb") as file:
            told["content"] = hashlib.sha256(file.read()).hexdigest()
        told["size"] = info.st_size
    if stat.S_ISLNK(info.st_mode):
        told["target"] = os.readlink(path)
    if stat.S_ISCHR(info.st_mode) or stat.S_ISBLK(info.st_mode):
        told["device"] = (os.major(info.st_rdev), os.minor(info.st_rdev))
    return told


def paths_below(root):
    found = {"."}
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            found.add(os.path.relpath(os.path.join(folder, name), root))
    return found


def main():
    expected, actual, timeless = sys.argv[1], sys.argv[2], set(sys.argv[3:])
    there, here = paths_below(expected), paths_below(actual)
    differences = ["missing: " + path for path in sorted(there - here)]
    differences += ["too much: " + path for path in sorted(here - there)]
    for path in sorted(there & here):
        want = describe(os.path.join(expected, path), path not in timeless)
        have = describe(os.path.join(actual, path), path not in timeless)
        differences += ["%s: %s is %s, not %s" % (path, key, have.get(key), want.get(key))
                        for key in sorted(want.keys() | have.keys()) if want.get(key) != have.get(key)]
    print("\n".join(differences))
    print("%d paths compared" % len(there & here), file=sys.stderr)
    sys.exit(1 if differences else 0)


main()
